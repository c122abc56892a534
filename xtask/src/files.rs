//! `static`: serves folders as they are, at any path, for the end-to-end tests.
//!
//! It answers GET and HEAD, one request a connection, on this machine only. Unlike Trunk's server
//! it changes nothing and falls back to nothing: a missing file is a 404, as on a docs host.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::arguments::{Arguments, Problem};
use crate::hash;

/// A folder and the path under which it is served; the path begins and ends with a slash.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mount {
    prefix: String,
    folder: PathBuf,
}

/// What is sent back.
struct Answer {
    status: &'static str,
    kind: &'static str,
    location: Option<String>,
    body: Vec<u8>,
}

impl Answer {
    /// What tells this body from any other.
    fn tag(&self) -> String {
        format!("\"{:016x}\"", hash::of(&[&self.body]))
    }

    /// Nothing but a word, where the browser has this body already; as docs hosts do.
    fn unless(self, known: &str) -> Self {
        if self.status != "200 OK" || self.tag() != known {
            return self;
        }
        Answer {
            status: "304 Not Modified",
            body: Vec::new(),
            ..self
        }
    }
}

/// A request is one line and some headers; more than this is not one of ours.
const REQUEST_BYTES: u64 = 64 * 1024;

/// Serves until interrupted.
pub fn serve(words: &[String]) -> Result<(), Problem> {
    let arguments = Arguments::parse(words, &[], &["--port"])?;
    let port = arguments.port()?;
    let port = port.ok_or_else(|| Problem::Usage("static wants --port N".to_owned()))?;
    let mounts = mounts(&arguments.words)?;
    let listener = TcpListener::bind(("127.0.0.1", port))
        .map_err(|error| format!("port {port} is in use ({error}); choose another --port"))?;
    for mount in &mounts {
        println!(
            "http://127.0.0.1:{port}{} is {}",
            mount.prefix,
            mount.folder.display()
        );
    }
    for connection in listener.incoming().flatten() {
        let mounts = mounts.clone();
        // A browser that goes away in the middle of an answer is no problem of the server.
        thread::spawn(move || drop(handle(&connection, &mounts)));
    }
    Ok(())
}

/// Reads "dist" as the root and "dist=/docs/converge/" as that path.
fn mounts(words: &[String]) -> Result<Vec<Mount>, Problem> {
    let mut mounts = Vec::new();
    for word in words {
        let (folder, path) = word.split_once('=').unwrap_or((word, "/"));
        let inner = path.trim_matches('/');
        let prefix = if inner.is_empty() {
            "/".to_owned()
        } else {
            format!("/{inner}/")
        };
        if !Path::new(folder).is_dir() {
            return Err(Problem::Failed(format!(
                "there is no folder {folder} to serve"
            )));
        }
        mounts.push(Mount {
            prefix,
            folder: PathBuf::from(folder),
        });
    }
    if mounts.is_empty() {
        return Err(Problem::Usage("static wants a folder".to_owned()));
    }
    // The longest path wins, so that a folder may lie below another one.
    mounts.sort_by_key(|mount| std::cmp::Reverse(mount.prefix.len()));
    Ok(mounts)
}

fn handle(mut connection: &TcpStream, mounts: &[Mount]) -> std::io::Result<()> {
    connection.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut lines = BufReader::new(connection.take(REQUEST_BYTES)).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    // The headers are read to their end: closing on unread bytes would reset the connection.
    let mut known = String::new();
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("if-none-match")
        {
            value.trim().clone_into(&mut known);
        }
    }
    let mut words = request.split(' ');
    let (method, target) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let answer = match method {
        "GET" | "HEAD" => answer(target, mounts).unless(&known),
        _ => text("405 Method Not Allowed", "only GET and HEAD are answered"),
    };
    connection.write_all(head(&answer).as_bytes())?;
    if method != "HEAD" {
        connection.write_all(&answer.body)?;
    }
    connection.flush()
}

fn head(answer: &Answer) -> String {
    let mut head = format!(
        "HTTP/1.1 {}\r\nContent-Type: {}\r\n",
        answer.status, answer.kind
    );
    if answer.status.starts_with("200") {
        head += &format!("ETag: {}\r\n", answer.tag());
    }
    if !answer.status.starts_with("304") {
        head += &format!("Content-Length: {}\r\n", answer.body.len());
    }
    if let Some(location) = &answer.location {
        head += &format!("Location: {location}\r\n");
    }
    // A sandboxed iframe has no origin of its own and may load only what everybody may.
    head + "Access-Control-Allow-Origin: *\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n"
}

fn answer(target: &str, mounts: &[Mount]) -> Answer {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let Some(path) = decode(path) else {
        return text("400 Bad Request", "the path is not one");
    };
    let with_slash = format!("{path}/");
    let Some(mount) = mounts.iter().find(|mount| path.starts_with(&mount.prefix)) else {
        // Relative links need the slash, so a host redirects to it, and so do we.
        if mounts.iter().any(|mount| mount.prefix == with_slash) {
            return redirect(with_slash);
        }
        return text("404 Not Found", "nothing is served here");
    };
    let inner = &path[mount.prefix.len()..];
    let escapes = |part: &str| part == ".." || part.contains(['\\', '\0']);
    if inner.starts_with('/') || inner.split('/').any(escapes) {
        return text("400 Bad Request", "the path leaves the folder");
    }
    let mut file = mount.folder.join(inner);
    if file.is_dir() {
        if !path.ends_with('/') {
            return redirect(with_slash);
        }
        file = file.join("index.html");
    }
    match fs::read(&file) {
        Ok(body) => Answer {
            status: "200 OK",
            kind: kind(&file),
            location: None,
            body,
        },
        Err(_) => text("404 Not Found", "there is no such file"),
    }
}

fn redirect(location: String) -> Answer {
    let mut answer = text("301 Moved Permanently", "the address ends with a slash");
    answer.location = Some(location);
    answer
}

fn text(status: &'static str, body: &str) -> Answer {
    Answer {
        status,
        kind: "text/plain; charset=utf-8",
        location: None,
        body: body.as_bytes().to_vec(),
    }
}

/// Replaces `%20` and its like; refuses what is not UTF-8 afterwards.
fn decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first == b'%' {
            let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &rest[2..];
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The type a browser must be told; streaming compilation insists on that of wasm.
fn kind(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("webmanifest") => "application/manifest+json",
        Some("md" | "txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
