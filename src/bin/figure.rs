//! A figure of a docs page: what an element downloads that has one pattern to show.

fn main() {
    converge::figure();
}
