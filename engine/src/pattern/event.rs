//! Domain events, as every room that publishes them numbers and tags them.

use crate::sim::{Channel, Tag};
use crate::store::Entry;

/// A domain event: id, aggregate id, version (the columns of an outbox row).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Event {
    /// Id: the number of the write it tells of.
    pub message: u32,
    /// Entity.
    pub key: u32,
    /// Version of the entity.
    pub version: u32,
}

impl Event {
    /// The event a tag is about.
    pub fn of(tag: Tag) -> Event {
        Event {
            message: tag.message,
            key: tag.key,
            version: tag.version,
        }
    }

    /// The event of an entry in a log.
    pub fn at(entry: &Entry) -> Event {
        Event {
            message: entry.message,
            key: entry.key,
            version: entry.version,
        }
    }

    /// The tag of a message about this event.
    pub fn tag(self, channel: Channel, hop: u8, attempt: u16) -> Tag {
        let Event {
            message,
            key,
            version,
        } = self;
        Tag {
            channel,
            hop,
            attempt,
            message,
            key,
            version,
        }
    }

    /// The tag of a record about this event that is about no message.
    pub fn about(self) -> Tag {
        self.tag(Channel::None, 0, 0)
    }
}
