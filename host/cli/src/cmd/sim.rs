//! `galena sim`: a simulated board that any host can open, and the waves of a small job.

use std::path::Path;
use std::process::ExitCode;

use galena_sim::faults::RTL_FAULTS;
use galena_sim::serve::{self, BOARD_FAULTS, Board, Injection, Options, Port, ServeError, Stop, Summary};
use galena_sim::wave::{self, Drawing};
use galena_target::Config;
use serde::Serialize;

use crate::args;
use crate::failure::Failure;
use crate::files;
use crate::table::{Page, count, seconds};

pub(crate) fn run(command: &args::Sim) -> Result<ExitCode, Failure> {
    match command {
        args::Sim::Serve(args) => serve(args),
        args::Sim::Wave(args) => waves(args),
        args::Sim::Faults { json } => faults(*json),
    }
}

/// A fault, for the report.
#[derive(Serialize)]
struct Row {
    name: &'static str,
    /// The module it damages; none for the board as a whole.
    module: Option<&'static str>,
    doc: &'static str,
}

/// What a board can be made to suffer.
fn faults(json: bool) -> Result<ExitCode, Failure> {
    let board = BOARD_FAULTS.iter().map(|(_, name, doc)| Row { name, module: None, doc });
    let circuit = RTL_FAULTS.iter().map(|f| Row { name: f.name, module: Some(f.module), doc: f.doc });
    let rows: Vec<Row> = board.chain(circuit).collect();
    if json {
        files::print_json(&rows)?;
        return Ok(ExitCode::SUCCESS);
    }
    let cells = |row: &Row| vec![row.name.to_owned(), row.module.unwrap_or("the board").to_owned(), row.doc.to_owned()];
    let mut page = Page::stdout();
    page.table(&["fault", "where", "what happens"], &rows.iter().map(cells).collect::<Vec<_>>());
    files::print(page.text())?;
    Ok(ExitCode::SUCCESS)
}

/// Records a small job and writes three files about it.
fn waves(args: &args::Wave) -> Result<ExitCode, Failure> {
    let folder = &args.out;
    let prepare = || std::fs::create_dir_all(folder).map_err(|source| Failure::Write { path: folder.clone(), source });
    // Names are judged before a folder is made.
    let wave = match (&args.config, &args.block) {
        (Some(config), _) => {
            let kernel = wave::kernel_named(&args.name)?;
            let config = Config::named(config).map_err(|e| Failure::Config(Box::new(e)))?;
            wave::has(config, kernel)?;
            prepare()?;
            wave::kernel(kernel, config, folder)?
        }
        (None, point) => {
            let block = wave::block_named(&args.name)?;
            let point = wave::point_named(block, point.as_deref().unwrap_or_default())?;
            prepare()?;
            wave::block(block, &point, folder)?
        }
    };
    let beside = |ending: &str| folder.join(format!("{}.{ending}", wave.name));
    let (save, picture) = (beside("gtkw"), beside("svg"));
    files::write(&save, wave::save_file(&wave)?.as_bytes())?;
    files::write(&picture, wave::svg(&Drawing::of(&wave)?).as_bytes())?;
    let mut page = Page::stdout();
    page.heading(&wave.what);
    page.fact(
        "job",
        format!("{} clocks, from clock {} of the simulation", count(wave.end - wave.start), count(wave.start)),
    );
    page.fact("first result", format!("in clock {} of the job", count(wave.result - wave.start)));
    page.fact("waves", wave.fst.display());
    page.fact("save file", format!("{}; open it with: gtkwave {}", save.display(), save.display()));
    page.fact("picture", picture.display());
    files::print(page.text())?;
    Ok(ExitCode::SUCCESS)
}

fn serve(args: &args::Serve) -> Result<ExitCode, Failure> {
    let config = Config::named(&args.config).map_err(|e| Failure::Config(Box::new(e)))?;
    let port = match (&args.pty, &args.xdma) {
        (Some(link), _) => Port::Pty(link.clone()),
        (None, Some(folder)) => Port::Xdma(folder.clone()),
        // The command line asks for one of the two.
        (None, None) => return Ok(ExitCode::from(2)),
    };
    let options = Options {
        board: if args.model { Board::Model } else { Board::Verilated },
        waves: args.waves.clone(),
        faults: args.fault.iter().map(|fault| Injection::parse(fault)).collect::<Result<_, _>>()?,
        once: args.once,
        latency_ms: args.latency_ms,
        timeout: args.timeout,
        ..Options::new(port)
    };
    let system = |what: &'static str, source: std::io::Error| {
        Failure::Serve(ServeError::System { what, path: Path::new("the board").into(), source })
    };
    let (stop, end) = Stop::new().map_err(|e| system("make a pipe to stop", e))?;
    let mut end = std::fs::File::from(end);
    ctrlc::set_handler(move || {
        // A pipe that is full has been told already.
        let _ = std::io::Write::write(&mut end, &[1]);
    })
    .map_err(|e| system("listen for signals to", std::io::Error::other(e)))?;
    let summary = serve::serve(config, &options, &stop, &mut |name| {
        // Whoever started this may not be listening any more.
        let _ = files::print(&format!("serving {name}; Ctrl-C stops\n"));
    })?;
    let _ = files::print(&text(&summary));
    Ok(ExitCode::SUCCESS)
}

fn text(summary: &Summary) -> String {
    let mut page = Page::stdout();
    page.heading("served");
    let rate = summary.clocks as f64 / summary.running_seconds.max(1e-9);
    page.fact("clocks", count(summary.clocks));
    page.fact("running", format!("{}, {} clocks per second", seconds(summary.running_seconds), count(rate as u64)));
    page.fact("hosts", count(summary.hosts));
    page.fact("words", format!("{} in, {} out", count(summary.bytes_in / 4), count(summary.bytes_out / 4)));
    page.fact("line errors", count(summary.line_errors));
    page.text().to_owned()
}
