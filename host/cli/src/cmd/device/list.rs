//! `galena device list`: every device that the drivers find and every name of the lab file; who may open it, and why not.

use std::path::Path;
use std::process::ExitCode;

use galena_device::driver::{Found, OpenOptions};
use galena_device::lab::{Lab, resolve};
use serde::Serialize;

use crate::drivers::{self, DRIVERS};
use crate::failure::Failure;
use crate::files;
use crate::table::Page;

/// A device that could be opened.
#[derive(Serialize)]
struct Row {
    /// What `--device` takes: a selector, or a name of the lab file.
    selector: String,
    /// One sentence.
    doc: String,
    /// Why this user cannot open it now, and what to do about it; `null` if nothing is in the way.
    obstacle: Option<String>,
}

pub(super) fn run(lab: Option<&Path>, json: bool) -> Result<ExitCode, Failure> {
    let found = drivers::list();
    let lab = Lab::find(lab)?;
    let mut rows = lab.names().map(|name| named(name, &lab, &found)).collect::<Vec<_>>();
    rows.extend(found.into_iter().map(|Found { selector, doc, obstacle }| Row { selector, doc, obstacle }));
    if json {
        files::print_json(&rows)?;
        return Ok(ExitCode::SUCCESS);
    }
    let state = |row: &Row| if row.obstacle.is_none() { "ready" } else { "not ready" };
    let cells: Vec<_> =
        rows.iter().map(|row| vec![row.selector.clone(), state(row).to_owned(), row.doc.clone()]).collect();
    let mut page = Page::stdout();
    page.table(&["device", "state", "what it is"], &cells);
    if rows.iter().any(|row| row.obstacle.is_some()) {
        page.heading("not ready, because");
        for (obstacle, selectors) in by_obstacle(&rows) {
            page.line(&format!("  {}:", selectors.join(", ")));
            page.line(&format!("    {obstacle}"));
        }
    }
    for driver in DRIVERS.iter().filter(|driver| rows.iter().all(|row| !of(row, driver.name))) {
        page.line("");
        page.line(&format!("  no device of `{}` found: {}", driver.usage, driver.doc));
    }
    files::print(page.text())?;
    Ok(ExitCode::SUCCESS)
}

/// A name of the lab file, and whether the device behind it is ready, as far as the drivers have listed it.
fn named(name: &str, lab: &Lab, found: &[Found]) -> Row {
    let lab_file = lab.path.as_deref().unwrap_or(Path::new("the lab file")).display();
    match resolve(name, lab, &DRIVERS, &OpenOptions::default()).as_deref() {
        Ok([selected, ..]) => {
            let selector = selected.selector();
            let listed = found.iter().find(|found| found.selector == selector);
            Row {
                selector: name.to_owned(),
                doc: format!("`{selector}`, named in {lab_file}"),
                obstacle: listed.and_then(|found| found.obstacle.clone()),
            }
        }
        Ok([]) => Row { selector: name.to_owned(), doc: format!("named in {lab_file}"), obstacle: None },
        Err(error) => {
            Row { selector: name.to_owned(), doc: format!("named in {lab_file}"), obstacle: Some(error.to_string()) }
        }
    }
}

/// The obstacles, each with the devices it stands before, in order of the list.
fn by_obstacle(rows: &[Row]) -> Vec<(&str, Vec<&str>)> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for row in rows {
        let Some(obstacle) = row.obstacle.as_deref() else { continue };
        match groups.iter_mut().find(|(other, _)| *other == obstacle) {
            Some((_, selectors)) => selectors.push(&row.selector),
            None => groups.push((obstacle, vec![&row.selector])),
        }
    }
    groups
}

fn of(row: &Row, driver: &str) -> bool {
    row.selector.split(':').next() == Some(driver)
}
