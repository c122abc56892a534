//! The truth about carriers: an event that a copy lacks is lost when nothing is left that could
//! still bring it there. No service knows this; it decides invariants early and exactly.

use super::Room;
use super::config::{AckMode, Config};
use super::consumer::{Job, Origin};
use super::message::{Event, Message, World};
use super::source::abandon;
use crate::check::reason;
use crate::sim::{Channel, Flight, NodeId};

/// Why a delivery that only a consumer's memory or a link carried is gone.
fn reason_of(config: &Config, origin: Origin) -> u32 {
    match (origin, config.acknowledge) {
        (Origin::Call, _) => reason::CALL_FAILED,
        _ if !config.retries => reason::NO_RETRY,
        (_, AckMode::Before) => reason::ACKNOWLEDGED_EARLY,
        // The broker would have sent it again, had it not deleted it.
        _ => reason::RETENTION,
    }
}

impl Room {
    /// One carrier of an event to a group is gone: if it was the last, says so.
    pub(super) fn gone(&self, event: Event, group: u8, reason: u32, cx: &mut World) {
        let message = event.message;
        let state = &self.groups[group as usize];
        let carried = state.has_handled(message)
            || state.has_in_memory(message)
            || self.broker.carries(group, message)
            || self.source.would_publish(message)
            || self.source.awaits_call(message, group)
            || in_flight(message, Some(group), cx);
        if !carried {
            abandon(event, self.layout.copy(group), reason, cx);
        }
    }

    /// Something that would have brought an event to the broker is gone.
    fn unpublished(&self, event: Event, reason: u32, cx: &mut World) {
        if self.broker.has_seen(event.message) {
            // It was there; it matters only if the broker has deleted it since.
            for group in 0..self.layout.groups {
                self.gone(event, group, reason::RETENTION, cx);
            }
        } else if !self.source.would_publish(event.message) && !in_flight(event.message, None, cx) {
            abandon(event, NodeId::NONE, reason, cx);
        }
    }

    /// The publisher's process died.
    pub(super) fn publisher_crashed(&mut self, cx: &mut World) {
        for event in self.source.publisher_crashed() {
            self.unpublished(event, reason::PUBLISHER_MEMORY, cx);
        }
    }

    /// The source died in the middle of blocking calls.
    pub(super) fn calls_crashed(&mut self, cx: &mut World) {
        for (event, groups) in self.source.calls_crashed() {
            for group in groups {
                self.gone(event, group, reason::CALL_FAILED, cx);
            }
        }
    }

    /// A consumer's process forgot deliveries in a crash.
    pub(super) fn forgotten(&self, group: u8, jobs: Vec<Job>, cx: &mut World) {
        for job in jobs {
            let reason = reason_of(&self.settings.config, job.origin);
            self.gone(job.event, group, reason, cx);
        }
    }

    /// A consumer's handler gave up a delivery that nobody will send again.
    pub(super) fn dropped(&self, group: u8, job: Job, cx: &mut World) {
        let reason = match job.origin {
            Origin::Call => reason::CALL_FAILED,
            Origin::Broker(_) => reason::DISCARDED,
        };
        self.gone(job.event, group, reason, cx);
    }

    /// What retention took since the last call.
    pub(super) fn expired(&mut self, cx: &mut World) {
        for (group, event, record) in self.broker.take_expired() {
            let cause = cx.cause();
            cx.because(record);
            self.gone(event, group, reason::RETENTION, cx);
            cx.because(cause);
        }
    }

    /// A message did not arrive.
    pub(super) fn lost(&self, lost: &Flight<Message>, cx: &mut World) {
        let config = &self.settings.config;
        match lost.message {
            Message::Publish(event) => {
                let reason = if config.retries {
                    reason::PUBLISHER_MEMORY
                } else {
                    reason::NO_RETRY
                };
                self.unpublished(event, reason, cx);
            }
            Message::Deliver { event, place, .. } => {
                let reason = reason_of(config, Origin::Broker(place));
                self.gone(event, lost.tag.hop, reason, cx);
            }
            Message::Call(event) => self.gone(event, lost.tag.hop, reason::CALL_FAILED, cx),
            _ => {}
        }
    }
}

/// Whether an event is on its way to the broker, or (if a group is named) to that group.
fn in_flight(message: u32, group: Option<u8>, cx: &World) -> bool {
    cx.flights().any(|flight| {
        let tag = flight.tag;
        tag.message == message
            && match tag.channel {
                Channel::Publish => true,
                Channel::Deliver | Channel::Call => group == Some(tag.hop),
                _ => false,
            }
    })
}
