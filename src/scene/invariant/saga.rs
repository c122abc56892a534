//! What the invariants of sagas, and of requests that go the same way, say when they break.

use converge_engine::check::PropertyId;

/// Whether the invariants of this pattern are told here.
pub fn tells(pattern: &str) -> bool {
    ["saga", "request-reply"].contains(&pattern)
}

/// A request that was asked again was made again.
pub fn made_again(entity: &str, label: &str, will: bool) -> String {
    let is = [" was made again", " is about to be made again"][usize::from(will)];
    [
        entity,
        " ",
        label,
        is,
        " for a request that was asked again",
    ]
    .concat()
}

/// What breaks, about a saga's entity at a service; `will` says that it is about to.
pub fn about(property: PropertyId, entity: &str, label: &str, copy: &str, will: bool) -> String {
    let verb = |past: &'static str, future: &'static str| if will { future } else { past };
    let parts: &[&str] = match property {
        PropertyId::A1 => {
            let is = verb(
                " has something else taken",
                " is about to have something else taken",
            );
            &[copy, is, " of ", entity, " ", label, " than was booked"]
        }
        PropertyId::A8 => {
            let is = verb(
                "a step and its compensation met the wrong way",
                "a step and its compensation are about to meet the wrong way",
            );
            &[is, " at ", copy, ", for ", entity, " ", label]
        }
        PropertyId::Q1 | PropertyId::Q2 => {
            let is = verb(" is left half done", " will be left half done");
            &[entity, " ", label, is]
        }
        PropertyId::A9 => {
            let is = verb(" was undone", " is about to be undone");
            &[
                entity,
                " ",
                label,
                is,
                " although its point of no return was passed",
            ]
        }
        _ => {
            let is = verb(
                " is neither done nor undone",
                " will be neither done nor undone",
            );
            &[entity, " ", label, is]
        }
    };
    parts.concat()
}
