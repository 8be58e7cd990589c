//! Progress of long work on stderr: a bar with the current phase. Nothing when stderr is no terminal.

use std::sync::Arc;
use std::time::Duration;

use galena_prover::{Phase, Progress};
use indicatif::{ProgressBar, ProgressStyle};

/// What is being done, where nobody knows how long it takes.
pub(crate) struct Spinner(ProgressBar);

impl Spinner {
    /// For `what`, at its beginning.
    pub(crate) fn new(what: &str) -> Self {
        let spinner = ProgressBar::new_spinner().with_prefix(what.to_owned());
        let style = ProgressStyle::with_template("{spinner:.cyan} {prefix:.bold} {elapsed:>4} {msg}");
        spinner.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        spinner.enable_steady_tick(Duration::from_millis(120));
        Self(spinner)
    }

    /// What is done now.
    pub(crate) fn say(&self, message: &str) {
        self.0.set_message(message.to_owned());
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// A bar that steps through the phases of a proof.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// A bar for `what`, at its beginning.
    pub(crate) fn new(what: &str) -> Self {
        let bar = ProgressBar::new(Phase::ALL.len() as u64).with_prefix(what.to_owned());
        let style = ProgressStyle::with_template("{spinner:.cyan} {prefix:.bold} {bar:28.cyan/dim} {elapsed:>4} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━━─"));
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    /// What a prover calls when a phase begins.
    pub(crate) fn listener(&self) -> Progress {
        let bar = self.0.clone();
        Arc::new(move |phase| {
            bar.set_position(bar.position().max(phase as u64)); // keygen has two parts
            bar.set_message(phase.name());
        })
    }

    /// Something that is no phase of a proof.
    pub(crate) fn say(&self, message: impl Into<String>) {
        self.0.set_message(message.into());
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
