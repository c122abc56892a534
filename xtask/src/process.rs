//! Child processes: run one, show its output, and keep that output where it is wanted.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use crate::place::Place;

/// A program with its arguments, ready to run in the clone with the pinned tools on its path.
pub struct Job {
    command: Command,
    shown: String,
}

/// What a finished job said, and whether it succeeded.
#[derive(Debug, Default)]
pub struct Finished {
    /// True when the exit code was zero.
    pub ok: bool,
    /// Everything it wrote, both streams, in the order in which lines arrived.
    pub text: String,
}

impl Job {
    /// Prepares `program` with arguments given as one line, split at spaces.
    pub fn new(place: &Place, program: &str, line: &str) -> Self {
        // Started by its full path: the lookup of `Command` would use our own PATH.
        let path = place.which(program).unwrap_or_else(|| program.into());
        let mut command = Command::new(path);
        command.current_dir(&place.root);
        command.env("PATH", place.search_path());
        let job = Self {
            command,
            shown: program.to_owned(),
        };
        line.split_whitespace().fold(job, Job::argument)
    }

    /// Adds one argument, spaces and all.
    pub fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument.as_ref());
        self.shown.push(' ');
        self.shown.push_str(&argument.as_ref().to_string_lossy());
        self
    }

    /// Sets a variable for the child.
    pub fn variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Hides a variable from the child.
    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Runs in another folder than the clone.
    pub fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs with our own terminal. Fails when it cannot start or its exit code is not zero.
    pub fn run(mut self) -> Result<(), String> {
        println!("$ {}", self.shown);
        match self.command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("`{}` failed ({status})", self.shown)),
            Err(error) => Err(self.did_not_start(&error)),
        }
    }

    /// Becomes the job, so that whoever ends this process ends the job. Returns only to say what
    /// went wrong; where a process cannot be replaced it runs the job instead.
    pub fn become_it(mut self) -> Result<(), String> {
        println!("$ {}", self.shown);
        #[cfg(unix)]
        {
            let error = std::os::unix::process::CommandExt::exec(&mut self.command);
            Err(self.did_not_start(&error))
        }
        #[cfg(not(unix))]
        {
            let status = self.command.status();
            let status = status.map_err(|error| self.did_not_start(&error))?;
            std::process::exit(status.code().unwrap_or(1))
        }
    }

    /// Runs, forwards each line as it comes, and returns all of them.
    pub fn forward(mut self) -> Result<Finished, String> {
        println!("$ {}", self.shown);
        self.command.stdin(Stdio::null());
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        if std::io::stdout().is_terminal() {
            // The child sees a pipe and would drop its colours; a person is looking all the same.
            self.command
                .env("CARGO_TERM_COLOR", "always")
                .env("FORCE_COLOR", "1");
        }
        let mut child = match self.command.spawn() {
            Ok(child) => child,
            Err(error) => return Err(self.did_not_start(&error)),
        };
        let (lines, arrived) = std::sync::mpsc::channel();
        let outputs: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|stream| Box::new(stream) as _),
            child.stderr.take().map(|stream| Box::new(stream) as _),
        ];
        for output in outputs.into_iter().flatten() {
            let lines = lines.clone();
            // The reader ends with the stream; a line that is not UTF-8 must not end it early.
            thread::spawn(move || {
                let mut reader = BufReader::new(output);
                let mut line = Vec::new();
                while matches!(reader.read_until(b'\n', &mut line), Ok(length) if length > 0) {
                    let text = String::from_utf8_lossy(&line).into_owned();
                    if lines.send(text).is_err() {
                        break;
                    }
                    line.clear();
                }
            });
        }
        drop(lines);
        let mut text = String::new();
        for line in arrived {
            print!("{line}");
            // A failed flush means nobody listens any more; the result still counts.
            let _ = std::io::stdout().flush();
            text.push_str(&line);
        }
        let status = child.wait().map_err(|error| self.did_not_start(&error))?;
        Ok(Finished {
            ok: status.success(),
            text,
        })
    }

    /// Runs without showing anything; returns what it wrote to its output when it succeeds.
    pub fn ask(mut self) -> Option<String> {
        self.command.stdin(Stdio::null()).stderr(Stdio::null());
        let output = self.command.output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        output.status.success().then_some(text)
    }

    fn did_not_start(&self, error: &std::io::Error) -> String {
        format!("`{}` did not start: {error}", self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_forwarded_and_kept() {
        let place = Place::find().unwrap();
        let job = Job::new(&place, "sh", "-c").argument("echo out; echo err >&2; exit 3");
        let finished = job.forward().unwrap();
        assert!(!finished.ok);
        assert!(finished.text.contains("out\n") && finished.text.contains("err\n"));
    }

    #[test]
    fn a_missing_program_is_named() {
        let place = Place::find().unwrap();
        let error = Job::new(&place, "no-such-program", "--version")
            .run()
            .unwrap_err();
        assert!(error.contains("no-such-program --version"), "{error}");
    }
}
