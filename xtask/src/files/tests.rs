//! The static server is tested over a real connection, on the sources of this crate.

use super::*;

fn sources() -> Vec<Mount> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).display().to_string();
    mounts(&[format!("{folder}=docs/xtask"), format!("{folder}/src=/")]).unwrap()
}

fn status(target: &str) -> &'static str {
    answer(target, &sources()).status
}

#[test]
fn the_longest_path_wins() {
    assert_eq!(sources()[0].prefix, "/docs/xtask/");
    assert_eq!(status("/docs/xtask/Cargo.toml"), "200 OK");
    assert_eq!(status("/main.rs?version=1#part"), "200 OK");
    assert_eq!(status("/Cargo.toml"), "404 Not Found");
}

#[test]
fn a_folder_without_its_slash_is_redirected() {
    let answer = answer("/docs/xtask/src", &sources());
    assert_eq!(answer.location.as_deref(), Some("/docs/xtask/src/"));
    let only = [sources()[0].clone()];
    assert_eq!(
        super::answer("/docs/xtask", &only).status,
        "301 Moved Permanently"
    );
    assert_eq!(super::answer("/elsewhere", &only).status, "404 Not Found");
}

#[test]
fn no_path_leaves_the_folder() {
    for target in [
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "//etc/passwd",
        "/a%",
        "/%ff",
    ] {
        assert_eq!(status(target), "400 Bad Request", "{target}");
    }
}

#[test]
fn wasm_and_modules_have_the_types_browsers_insist_on() {
    assert_eq!(kind(Path::new("a_bg.wasm")), "application/wasm");
    assert_eq!(kind(Path::new("a.mjs")), "text/javascript; charset=utf-8");
    assert_eq!(kind(Path::new("LICENSE")), "application/octet-stream");
}

#[test]
fn a_missing_folder_is_named() {
    let problem = mounts(&["no-such-folder".to_owned()]).unwrap_err();
    assert!(matches!(problem, Problem::Failed(text) if text.contains("no-such-folder")));
}

#[test]
fn head_and_get_differ_by_the_body_only() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        for _ in 0..2 {
            let (connection, _) = listener.accept().unwrap();
            handle(&connection, &sources()).unwrap();
        }
    });
    let ask = |method: &str| {
        let mut connection = TcpStream::connect(address).unwrap();
        let request = format!("{method} /main.rs HTTP/1.1\r\nHost: here\r\n\r\n");
        connection.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        connection.read_to_string(&mut text).unwrap();
        text
    };
    let (head, full) = (ask("HEAD"), ask("GET"));
    server.join().unwrap();
    assert!(head.ends_with("\r\n\r\n"));
    assert!(full.starts_with(&head));
    assert!(full.contains("fn main()"));
}

#[test]
fn what_a_browser_has_is_not_sent_again() {
    let fresh = answer("/main.rs", &sources());
    let tag = fresh.tag();
    assert!(head(&fresh).contains(&tag));
    let known = answer("/main.rs", &sources()).unless(&tag);
    assert_eq!(known.status, "304 Not Modified");
    assert!(known.body.is_empty() && !head(&known).contains("Content-Length"));
    let other = answer("/main.rs", &sources()).unless("\"0\"");
    assert_eq!(other.status, "200 OK");
    assert_eq!(
        answer("/nothing", &sources()).unless("").status,
        "404 Not Found"
    );
}
