#!/usr/bin/env python3
"""Long paths of a synthesised ECP5 design, before it is placed.

    tools/long_paths.py target/bitstreams/ulx3s-85f/ecp5-85f/netlist.json [--over 8.5] [--each 2] [--most 40]

Adds up the delays of cells as the data sheet has them (speed grade 6) and guesses routing from the fan-out of each net, so that the paths worth
a look are known in seconds; what nextpnr finds in half an hour differs by what placement makes of it. For each register that many paths begin at,
the worst `--each` are printed: estimate in ns, from, to, pin, steps, and the named nets on the way with their fan-out.
"""

import argparse
import collections
import json
import math

SEQUENTIAL = {"TRELLIS_FF", "DP16KD", "MULT18X18D", "EHXPLLL"}
CLOCKS = {"CLK", "CLKA", "CLKB", "CLK0", "WCK"}
# Clock to output, in ns: a register; a block memory without and with its output register; a multiplier with one.
REGISTER, MEMORY, MEMORY_REGISTERED, MULTIPLIER = 0.52, 5.6, 1.5, 2.5
SETUP = 0.2


def routing(fan_out):
    """A guess in ns: what one net takes on a part that is two thirds full."""
    return 0.55 + 0.13 * math.log2(1 + fan_out) + (1.5 if fan_out > 150 else 0.6 if fan_out > 40 else 0.0)


def through(kind, pin, out):
    """Delay of a cell."""
    if kind == "CCU2C":
        if pin == "CIN":
            return 0.07 if out == "COUT" else 0.45
        return 0.45 if out == "COUT" else 0.5
    return 0.24 if kind in ("LUT4", "TRELLIS_DPR16X4") else 0.2


class Design:
    def __init__(self, module):
        self.cells = module["cells"]
        self.names, self.driver, self.fan_out = {}, {}, collections.Counter()
        for name, net in module["netnames"].items():
            for index, bit in enumerate(net["bits"]):
                known = self.names.get(bit)
                if known is None or (len(name) < len(known) and not net.get("hide_name")):
                    self.names[bit] = f"{name}[{index}]"
        for name, cell in self.cells.items():
            for pin, bits in cell["connections"].items():
                for bit in (b for b in bits if not isinstance(b, str)):
                    if cell["port_directions"][pin] == "output":
                        self.driver[bit] = (name, pin)
                    else:
                        self.fan_out[bit] += 1
        self.arrivals, self.before = {}, {}

    def wire(self, bit, kind, pin):
        """Routing to a pin: none along a carry chain, next to none into the multiplexers of a slice."""
        if kind == "CCU2C" and pin == "CIN":
            return 0.0
        if kind in ("PFUMX", "L6MUX21") and pin not in ("C0", "SD"):
            return 0.05
        return routing(self.fan_out[bit])

    def start(self, cell):
        """Arrival at the output of something with a clock; none for what has none."""
        kind = cell["type"]
        if kind == "DP16KD":
            registered = any(v == "OUTREG" for k, v in cell.get("parameters", {}).items() if k.startswith("REGMODE"))
            return MEMORY_REGISTERED if registered else MEMORY
        return {"TRELLIS_FF": REGISTER, "MULT18X18D": MULTIPLIER}.get(kind, 0.0 if kind in SEQUENTIAL or kind.startswith("$") else None)

    def inputs(self, cell):
        for pin, bits in cell["connections"].items():
            # A distributed memory is written with the clock and read without.
            asynchronous = cell["type"] != "TRELLIS_DPR16X4" or pin == "RAD"
            if cell["port_directions"][pin] == "input" and asynchronous:
                yield from ((pin, bit) for bit in bits if not isinstance(bit, str))

    def arrival(self, bit):
        """When a net is stable after the clock, in ns."""
        stack = [bit]
        while stack:
            net = stack[-1]
            if net in self.arrivals:
                stack.pop()
                continue
            if net not in self.driver:
                self.arrivals[net] = 0.0
                continue
            name, out = self.driver[net]
            cell = self.cells[name]
            begins = self.start(cell)
            if begins is not None:
                self.arrivals[net] = begins
                continue
            missing = [b for _, b in self.inputs(cell) if b not in self.arrivals]
            if missing:
                if len(stack) > 10_000:
                    raise SystemExit(f"expected no combinational loop, found one through {self.names.get(net)}")
                stack.extend(missing)
                continue
            kind, best = cell["type"], (0.0, None)
            for pin, source in self.inputs(cell):
                best = max(best, (self.arrivals[source] + self.wire(source, kind, pin) + through(kind, pin, out), source), key=lambda b: b[0])
            self.arrivals[net], self.before[net] = best
        return self.arrivals[bit]

    def path(self, bit):
        steps = []
        while bit is not None:
            steps.append(bit)
            bit = self.before.get(bit)
        return steps[::-1]

    def ends(self):
        """(ns, net, cell, pin) of every pin that a clock samples, worst first."""
        found = []
        for name, cell in self.cells.items():
            if cell["type"] in ("TRELLIS_FF", "DP16KD", "MULT18X18D", "TRELLIS_DPR16X4"):
                for pin, bits in cell["connections"].items():
                    if cell["port_directions"][pin] == "input" and pin not in CLOCKS and pin != "RAD":
                        found.extend((self.arrival(b) + routing(self.fan_out[b]) + SETUP, b, name, pin) for b in bits if not isinstance(b, str))
        return sorted(found, key=lambda end: -end[0])


def main():
    parser = argparse.ArgumentParser(description="long paths of a synthesised ECP5 design, before it is placed")
    parser.add_argument("netlist", help="what yosys has written: netlist.json")
    parser.add_argument("--over", type=float, default=8.5, help="count the pins that are later than so many ns")
    parser.add_argument("--each", type=int, default=2, help="paths from one register")
    parser.add_argument("--most", type=int, default=40, help="paths in all")
    options = parser.parse_args()
    with open(options.netlist, encoding="utf-8") as file:
        modules = json.load(file)["modules"]
    # The flat top module is the one with cells of more than one kind and an attribute that says so.
    top = next(m for m in modules.values() if int(m.get("attributes", {}).get("top", "0"), 2))
    design = Design(top)
    ends = design.ends()
    print(f"{sum(end[0] > options.over for end in ends)} of {len(ends)} pins later than {options.over} ns; an estimate, not placed")
    seen, shown = collections.Counter(), 0
    for ns, bit, cell, pin in ends:
        steps = design.path(bit)
        start = design.names.get(steps[0], "?")
        base = start.split("[")[0]
        if seen[base] >= options.each or shown >= options.most:
            continue
        seen[base], shown = seen[base] + 1, shown + 1
        out = design.cells[cell]["connections"].get("Q", [None])[0]
        print(f"{ns:5.1f}  {start} -> {design.names.get(out, cell)} {pin} [{len(steps)}]")
        named = [f"{design.names[s]}({design.fan_out[s]})" for s in steps[1:] if s in design.names and (design.fan_out[s] > 8 or "_" not in design.names[s].split(".")[-1])]
        if named:
            print("       " + " > ".join(named)[:300])


if __name__ == "__main__":
    main()
