//! The size report: every file of `dist/` as it is, and as a server would send it.

use crate::place::Place;
use crate::process::Job;

/// One file, in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Weight {
    name: String,
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// Prints the table of `dist/`. Fails when the page was not built.
pub fn report(place: &Place) -> Result<(), String> {
    let dist = place.dist();
    if !dist.join("index.html").is_file() {
        return Err("dist/ holds no page; run: cargo xtask build".to_owned());
    }
    // Node has both compressors at hand; two Rust crates for them would slow every first command.
    let job = Job::new(place, "node", "xtask/compress.mjs").argument(&dist);
    let text = job
        .ask()
        .ok_or("node could not compress dist/; run: node xtask/compress.mjs dist")?;
    let weights: Vec<Weight> = text.lines().filter_map(parse).collect();
    if weights.is_empty() {
        return Err("xtask/compress.mjs listed no file of dist/".to_owned());
    }
    print!("{}", table(weights));
    Ok(())
}

/// "name<tab>raw<tab>gzip<tab>brotli"
fn parse(line: &str) -> Option<Weight> {
    let mut fields = line.split('\t');
    let name = fields.next()?.to_owned();
    let mut number = || fields.next()?.parse().ok();
    Some(Weight {
        name,
        raw: number()?,
        gzip: number()?,
        brotli: number()?,
    })
}

/// Lays the files out, the heaviest first, with a sum.
fn table(mut weights: Vec<Weight>) -> String {
    weights.sort_by(|one, other| other.gzip.cmp(&one.gzip).then(one.name.cmp(&other.name)));
    let sum = |of: fn(&Weight) -> u64| weights.iter().map(of).sum();
    let total = Weight {
        name: "total".to_owned(),
        raw: sum(|weight| weight.raw),
        gzip: sum(|weight| weight.gzip),
        brotli: sum(|weight| weight.brotli),
    };
    let head = ["KiB raw", "gzip -9", "brotli 11"];
    let mut text = format!(
        "{:<48} {:>10} {:>10} {:>10}\n",
        "file", head[0], head[1], head[2]
    );
    for weight in weights.iter().chain([&total]) {
        let [raw, gzip, brotli] = [weight.raw, weight.gzip, weight.brotli].map(kibibytes);
        text += &format!("{:<48} {raw:>10} {gzip:>10} {brotli:>10}\n", weight.name);
    }
    text
}

fn kibibytes(bytes: u64) -> String {
    let tenths = (bytes * 10 + 512) / 1024;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_compressor_is_read_whole_or_not_at_all() {
        let weight = parse("a b.wasm\t2048\t1024\t512").unwrap();
        assert_eq!((weight.name.as_str(), weight.raw), ("a b.wasm", 2048));
        assert_eq!(parse("a.wasm\t2048\t1024"), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn the_heaviest_file_is_first_and_the_sum_last() {
        let lines = ["a.css\t100\t50\t40", "b.wasm\t4096\t2048\t1024"];
        let text = table(lines.iter().filter_map(|line| parse(line)).collect());
        let rows: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(rows[1], ["b.wasm", "4.0", "2.0", "1.0"]);
        assert_eq!(rows[3], ["total", "4.1", "2.0", "1.0"]);
    }

    #[test]
    fn kibibytes_are_rounded_to_tenths() {
        assert_eq!(kibibytes(1023), "1.0");
        assert_eq!(kibibytes(153), "0.1");
        assert_eq!(kibibytes(175 * 1024), "175.0");
    }
}
