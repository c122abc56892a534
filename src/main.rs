//! Starts the app; see the library for the map.

fn main() {
    converge::start();
}
