# Stubs of Vivado's commands: runs a generated build script in plain tclsh, and is as strict as Vivado about what can be known without it.
#
#     tclsh vivado.tcl BUILD.TCL
#
# Each call is a line on the standard output. A command, an option or a property that is not in the tables below is an error, and so are a file that is not
# there, a port or an IP that does not exist, a step before the one it needs, and a ball that is used twice. SETUP and HOLD in the environment are the worst
# slacks that the timing report pretends. What this does not know: whether Vivado takes the values together, fits the design, or meets the clock.

# Command, its options (1: with a value), and how many other arguments it has.
array set commands {
    create_project          {{-in_memory 0 -part 1 -force 0} 0 2}
    read_verilog            {{-sv 0} 1 1}
    read_mem                {{} 1 1}
    read_xdc                {{} 1 1}
    create_ip               {{-name 1 -vendor 1 -library 1 -version 1 -module_name 1 -dir 1} 0 0}
    generate_target         {{-force 0} 2 2}
    synth_ip                {{-force 0} 1 1}
    synth_design            {{-top 1 -part 1 -mode 1 -flatten_hierarchy 1 -generic 1 -directive 1} 0 0}
    opt_design              {{-directive 1} 0 0}
    place_design            {{-directive 1} 0 0}
    phys_opt_design         {{-directive 1} 0 0}
    route_design            {{-directive 1} 0 0}
    write_checkpoint        {{-force 0} 1 1}
    write_bitstream         {{-force 0 -bin_file 0} 1 1}
    report_utilization      {{-hierarchical 0 -file 1} 0 0}
    report_timing_summary   {{-max_paths 1 -file 1} 0 0}
    report_clock_utilization {{-file 1} 0 0}
    report_cdc              {{-details 0 -file 1} 0 0}
    report_drc              {{-file 1} 0 0}
    get_timing_paths        {{-max_paths 1 -nworst 1 -setup 0 -hold 0} 0 0}
    get_property            {{} 2 2}
    set_property            {{-dict 1} 1 3}
    get_ips                 {{} 1 1}
    get_ports               {{} 1 1}
    get_cells               {{} 1 1}
    current_project         {{} 0 0}
    current_design          {{} 0 0}
    create_clock            {{-name 1 -period 1} 1 1}
    set_false_path          {{-from 1 -to 1} 0 0}
}

# Properties by kind of object, and a pattern of what they may be.
array set properties {
    project,target_language               {^Verilog$}
    port,PACKAGE_PIN                      {^[A-Z]{1,2}[0-9]{1,2}$}
    port,IOSTANDARD                       {^LVCMOS(12|15|18|25|33)$}
    port,PULLTYPE                         {^(PULLUP|PULLDOWN|NONE)$}
    port,DRIVE                            {^(2|4|6|8|12|16)$}
    cell,ASYNC_REG                        {^TRUE$}
    design,CFGBVS                         {^(VCCO|GND)$}
    design,CONFIG_VOLTAGE                 {^(1\.5|1\.8|2\.5|3\.3)$}
    design,CONFIG_MODE                    {^SPIx[14]$}
    design,BITSTREAM.GENERAL.COMPRESS     {^TRUE$}
    design,BITSTREAM.CONFIG.SPI_BUSWIDTH  {^[124]$}
    design,BITSTREAM.CONFIG.SPI_32BIT_ADDR {^(YES|NO)$}
    design,BITSTREAM.CONFIG.OVERTEMPSHUTDOWN {^(Enable|Disable)$}
    ip,CONFIG.functional_mode             {^DMA$}
    ip,CONFIG.mode_selection              {^(Basic|Advanced)$}
    ip,CONFIG.pcie_blk_locn               {^(PCIE4C?_)?X[01]Y[0-5]$}
    ip,CONFIG.en_gt_selection             {^(true|false)$}
    ip,CONFIG.select_quad                 {^GT[HY]_Quad_2[23][0-9]$}
    ip,CONFIG.ref_clk_freq                {^(100|125|250)_MHz$}
    ip,CONFIG.sys_reset_polarity          {^ACTIVE_LOW$}
    ip,CONFIG.pl_link_cap_max_link_width  {^X(1|2|4|8|16)$}
    ip,CONFIG.pl_link_cap_max_link_speed  {^(2\.5|5\.0|8\.0|16\.0)_GT/s$}
    ip,CONFIG.axi_data_width              {^(64|128|256|512)_bit$}
    ip,CONFIG.axisten_freq                {^(62\.5|125|250)$}
    ip,CONFIG.xdma_axi_intf_mm            {^(AXI_Stream|AXI_Memory_Mapped)$}
    ip,CONFIG.xdma_rnum_chnl              {^[1-4]$}
    ip,CONFIG.xdma_wnum_chnl              {^[1-4]$}
    ip,CONFIG.axilite_master_en           {^(true|false)$}
    ip,CONFIG.axilite_master_scale        {^(Kilobytes|Megabytes)$}
    ip,CONFIG.axilite_master_size         {^(1|2|4|8|16|32|64|128|256|512)$}
    ip,CONFIG.axil_master_64bit_en        {^(true|false)$}
    ip,CONFIG.axil_master_prefetchable    {^(true|false)$}
    ip,CONFIG.xdma_pcie_64bit_en          {^(true|false)$}
    ip,CONFIG.xdma_pcie_prefetchable      {^(true|false)$}
    ip,CONFIG.pf0_msix_cap_table_bir      {^BAR_(1|1:0|3:2)$}
    ip,CONFIG.pf0_msix_cap_pba_bir        {^BAR_(1|1:0|3:2)$}
    ip,CONFIG.xdma_num_usr_irq            {^([1-9]|1[0-6])$}
    ip,CONFIG.cfg_mgmt_if                 {^(true|false)$}
}

# The step that each one follows.
array set after {
    opt_design synth_design  place_design opt_design  phys_opt_design place_design  route_design place_design
    report_timing_summary route_design  get_timing_paths route_design  write_bitstream route_design
}

proc refuse {text} { error "stub: $text" }

# Options and other arguments of a call, checked against the table.
proc arguments {name list} {
    lassign $::commands($name) options least most
    array set takes $options
    set given {}
    set rest {}
    for {set k 0} {$k < [llength $list]} {incr k} {
        set word [lindex $list $k]
        if {![string match -* $word] || [string is double $word]} { lappend rest $word; continue }
        if {![info exists takes($word)]} { refuse "`$name` has no option `$word`" }
        if {!$takes($word)} { dict set given $word 1; continue }
        incr k
        if {$k == [llength $list]} { refuse "`$name $word` has no value" }
        dict set given $word [lindex $list $k]
    }
    if {[llength $rest] < $least || [llength $rest] > $most} {
        refuse "`$name` takes $least to $most arguments, found [llength $rest]: $rest"
    }
    return [list $given $rest]
}

proc there {path} { if {![file isfile $path] || [file size $path] == 0} { refuse "no file `$path`" } }

proc written {path} {
    if {![file isdirectory [file dirname $path]]} { refuse "no folder for `$path`" }
    close [open $path w]
}

# A call: its line, its arguments, the step before it, and what the stub does.
proc call {name list} {
    lassign [arguments $name $list] given rest
    if {[info exists ::after($name)] && ![info exists ::done($::after($name))]} {
        refuse "`$name` before `$::after($name)`"
    }
    if {![string match get_* $name] && ![string match current_* $name]} {
        puts "call $name [string map [list "$::here/" {}] $list]"
    }
    set result {}
    if {[info commands do_$name] ne ""} { set result [do_$name $given $rest] }
    if {[dict exists $given -file]} { written [dict get $given -file] }
    incr ::done($name)
    return $result
}

proc do_create_project {given rest} { set ::part [dict get $given -part] }

proc do_read_verilog {given rest} {
    foreach path [lindex $rest 0] {
        there $path
        set handle [open $path]
        set text [read $handle]
        close $handle
        if {![regexp -line {^module (\w+)} $text -> module]} { refuse "no module in `$path`" }
        set ::verilog($module) $text
    }
}

proc do_read_mem {given rest} { there [lindex $rest 0] }

proc do_read_xdc {given rest} {
    there [lindex $rest 0]
    lappend ::constraints [lindex $rest 0]
}

proc do_create_ip {given rest} {
    if {[dict get $given -name] ne "xdma"} { refuse "no IP `[dict get $given -name]`" }
    if {![file isdirectory [dict get $given -dir]]} { refuse "no folder `[dict get $given -dir]`" }
    set ::ips([dict get $given -module_name]) created
}

proc do_get_ips {given rest} {
    if {![info exists ::ips([lindex $rest 0])]} { refuse "no IP `[lindex $rest 0]`" }
    return ip:[lindex $rest 0]
}

proc do_synth_ip {given rest} {
    if {![string match ip:* $rest]} { refuse "`synth_ip` takes an IP" }
    set ::ips([string range [lindex $rest 0] 3 end]) synthesised
}

# The ports of the top module, by name.
proc header {module} {
    set text [regsub -all -line {//.*$} $::verilog($module) {}]
    if {![regexp {\nmodule [^;]*;} $text head]} { refuse "no header of `$module`" }
    return $head
}

proc do_synth_design {given rest} {
    set ::top [dict get $given -top]
    if {[dict get $given -part] ne $::part} { refuse "part [dict get $given -part] in a project of $::part" }
    if {![info exists ::verilog($::top)]} { refuse "no module `$::top`" }
    set head [header $::top]
    foreach {- name} [regexp -all -inline {(?:input|output)\s+(?:wire|reg)\s*(?:\[[^\]]*\])?\s*(\w+)} $head] { set ::ports($name) {} }
    foreach generic [dict get $given -generic] {
        if {![regexp {^(\w+)=\d+'[hbd][0-9a-f]+$} $generic -> name]} { refuse "a generic is `$generic`" }
        if {![regexp "parameter\\s+\\S*\\s*$name\\M" $head]} { refuse "`$::top` has no parameter `$name`" }
    }
    foreach {module text} [array get ::verilog] {
        if {[regexp {^ *(xdma_\w+) \w+ \($} $text] || [regexp -line {^ *(xdma_\d+) \w+ \($} $text -> ip]} {
            if {[info exists ip] && (![info exists ::ips($ip)] || $::ips($ip) ne "synthesised")} { refuse "`$module` needs the IP `$ip`" }
        }
    }
    set ::context [expr {[dict exists $given -mode] && [dict get $given -mode] eq "out_of_context"}]
    # Constraints are read before the design is there, and run once it is.
    foreach path $::constraints { uplevel #0 [list source $path] }
}

proc do_get_ports {given rest} {
    foreach name [lindex $rest 0] {
        if {![info exists ::ports($name)]} { refuse "`$::top` has no port `$name`" }
    }
    return port:[lindex $rest 0]
}

proc do_get_cells {given rest} { return cell:[lindex $rest 0] }
proc do_current_project {given rest} { return project: }
proc do_current_design {given rest} { return design: }

proc do_set_property {given rest} {
    if {[dict exists $given -dict]} {
        set pairs [dict get $given -dict]
    } else {
        set pairs [lrange $rest 0 end-1]
    }
    if {[llength $pairs] == 0 || [llength $pairs] % 2} { refuse "properties are pairs, found `$pairs`" }
    if {![regexp {^(\w+):(.*)$} [lindex $rest end] -> kind name]} { refuse "no object in `$rest`" }
    foreach {property value} $pairs {
        if {![info exists ::properties($kind,$property)]} { refuse "a $kind has no property `$property`" }
        if {![regexp $::properties($kind,$property) $value]} { refuse "`$property` cannot be `$value`" }
        if {$kind eq "port"} { dict set ::ports($name) $property $value }
        if {$property eq "PACKAGE_PIN"} {
            if {[info exists ::balls($value)]} { refuse "the ball $value is used twice" }
            set ::balls($value) $name
        }
    }
}

proc do_create_clock {given rest} {
    if {![string is double -strict [dict get $given -period]] || [dict get $given -period] <= 0} { refuse "a period is a number of ns" }
    if {![string match port:* $rest]} { refuse "a clock comes in at a port" }
    set ::clocks([dict get $given -name]) 1
}

proc do_set_false_path {given rest} {
    if {[dict size $given] == 0} { refuse "a false path of everything" }
    foreach end [dict values $given] { if {![string match port:* $end]} { refuse "a false path of `$end`" } }
}

proc do_write_checkpoint {given rest} { written [lindex $rest 0] }

proc do_get_timing_paths {given rest} {
    if {[array size ::clocks] == 0} { return {} }
    return path:[expr {[dict exists $given -setup] ? "SETUP" : "HOLD"}]
}

proc do_get_property {given rest} {
    lassign $rest name object
    if {$name ne "SLACK" || ![string match path:* $object]} { refuse "no property `$name` of `$object`" }
    return $::env([string range $object 5 end])
}

proc do_write_bitstream {given rest} {
    if {$::context} { refuse "a bitstream of a design out of context" }
    foreach {name pad} [array get ::ports] {
        # The lanes of a slot are placed by the IP, and transceivers' pads have no standard.
        if {[regexp {^pcie_[rt]x_[pn]$} $name]} { continue }
        if {![dict exists $pad PACKAGE_PIN]} { refuse "the port `$name` has no pin" }
        if {![dict exists $pad IOSTANDARD] && ![string match pcie_refclk_* $name]} { refuse "the port `$name` has no standard" }
    }
    written [lindex $rest 0]
}

foreach name [array names commands] { proc $name args "return \[call $name \$args\]" }

# tclsh would look for a program of that name.
proc unknown {name args} { refuse "Vivado has no command `$name`" }

set script [file normalize [lindex $argv 0]]
set here [file dirname $script]
set constraints {}
set context 0
if {[catch {source $script} message]} {
    puts stderr $message
    exit 1
}
