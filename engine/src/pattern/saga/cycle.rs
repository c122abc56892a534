//! A cycle of events: two services that each listen to what the other publishes about what it has
//! heard from it. An inbox is no help, for each event is a new one; the only brake is the hop
//! counter that every event carries (reference: H2, closed form F27).
//!
//! All that comes of the first event is a tree. An event's place in it, the first being 1 and what n
//! brings about 2n and 2n + 1, is its identity under every configuration.

use super::Setup;
use super::message::{Message, Told, World};
use super::service::{Service, about};
use super::subscription::{Reaction, hop};
use crate::sim::network::Lane;
use crate::sim::{Address, Channel, Fact, NodeId, Site, Tag};
use crate::store::pair;

/// How many hops an event of the cycle has come over.
fn hops(place: u16) -> u8 {
    place.ilog2() as u8 + 1
}

impl Service {
    /// The first step of a saga is done: where there is a cycle, that sets it off.
    pub(super) fn sets_off(&mut self, setup: &Setup, message: u32, cx: &mut World) {
        let first = setup.web.plan.service(0) == self.index;
        let other = setup.web.table().iter();
        let mut other = other.filter(|one| one.from == self.node() && one.does == Reaction::Echo);
        let fresh = !self.listener.echoes.contains(pair(message, 1));
        if let (true, Some(one)) = (first && fresh, other.next()) {
            self.listener.echoes.insert(pair(message, 1), ());
            let part = self.listener.parts.at(message);
            let tag = part.about(message);
            self.echo(one.to, tag, 1, cx);
        }
    }

    fn echo(&self, to: NodeId, about: Tag, place: u16, cx: &mut World) {
        let tag = Tag {
            channel: Channel::Echo,
            hop: hop(self.node(), to),
            attempt: place,
            ..about
        };
        let told = Told {
            hops: hops(place),
            locks: false,
        };
        cx.send(self.node(), to, Lane::Setting, tag, Message::Event(told));
    }

    /// An event of the cycle arrived; an inbox drops copies.
    pub(super) fn echoed(&mut self, setup: &Setup, from: NodeId, tag: Tag, cx: &mut World) {
        let config = &setup.settings.config;
        let (saga, place) = (u64::from(tag.message), tag.attempt);
        let id = pair(tag.message, place.into());
        if self.listener.echoes.contains(id) {
            return;
        }
        self.listener.echoes.insert(id, ());
        let at = Address::of(Site::Echo, saga).attempt(place.into());
        let whole = config.cycle as u16;
        let more = cx.chance(at, config.cycle - f64::from(whole));
        let caused = whole + u16::from(more);
        if caused > 0 && u32::from(hops(place)) >= config.hop_cap {
            self.listener.capped += 1;
            let over = u32::from(hops(place));
            cx.record(Fact::Capped, self.node(), from, about(tag), over);
            return;
        }
        for next in 0..caused {
            self.echo(from, about(tag), 2 * place + next, cx);
        }
    }
}
