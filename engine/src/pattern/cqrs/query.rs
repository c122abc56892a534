//! How queries are answered: by a read store, perhaps after a wait, or by the write side.

use super::Setup;
use super::config::{Consistency, Fallback};
use super::message::{Answer, Message, Shown, Timer, World};
use super::replica::{ReadSide, Waiting};
use crate::sim::network::Lane;
use crate::sim::{Channel, Fact, NodeId, Tag};

impl ReadSide {
    /// A query arrived at a store.
    pub fn query(
        &mut self,
        setup: &Setup,
        index: u8,
        (device, tag): (NodeId, Tag),
        token: u32,
        cx: &mut World,
    ) {
        let config = &setup.settings.config;
        let store = &mut self.stores[index as usize];
        let current = match store.position {
            Some(position) => position >= token,
            // R7: with nothing there, nothing seems to be missing.
            None => token == 0 || !config.waits_unstarted,
        };
        if current || config.consistency != Consistency::WaitForVersion {
            self.answer(setup, index, device, tag, cx);
            return;
        }
        let known =
            |waiting: &Waiting| waiting.device == device && waiting.tag.message == tag.message;
        if store.waiting.iter().any(known) {
            return;
        }
        let timer = Timer::WaitOver(index, device.0, tag.message);
        let timeout = cx.timer(setup.layout.copy(index), config.wait_timeout, timer);
        store.waiting.push(Waiting {
            device,
            tag,
            token,
            since: cx.now(),
            timeout,
        });
    }

    /// A store's position moved: answers whoever has waited for it.
    pub fn wake(&mut self, setup: &Setup, index: u8, cx: &mut World) {
        let store = &mut self.stores[index as usize];
        let Some(position) = store.position else {
            return;
        };
        let (ready, rest): (Vec<Waiting>, Vec<Waiting>) =
            store.waiting.iter().partition(|w| w.token <= position);
        store.waiting = rest;
        for waiting in ready {
            cx.cancel(waiting.timeout);
            self.waited(setup, index, waiting, cx);
            self.answer(setup, index, waiting.device, waiting.tag, cx);
        }
    }

    /// A query has waited enough.
    pub fn wait_over(&mut self, setup: &Setup, index: u8, device: u8, query: u32, cx: &mut World) {
        let store = &mut self.stores[index as usize];
        let found = store
            .waiting
            .iter()
            .position(|w| w.device.0 == device && w.tag.message == query);
        let Some(place) = found else { return };
        let waiting = store.waiting.remove(place);
        self.waited(setup, index, waiting, cx);
        let node = setup.layout.copy(index);
        let fallback = setup.settings.config.fallback;
        let (how, answer) = match fallback {
            Fallback::Primary => (0, Answer::AskPrimary),
            Fallback::Stale => (1, Answer::Failed),
            Fallback::Fail => (2, Answer::Failed),
        };
        let about = Tag {
            channel: Channel::None,
            ..waiting.tag
        };
        cx.record(Fact::FellBack, node, waiting.device, about, how);
        match fallback {
            Fallback::Stale => self.answer(setup, index, waiting.device, waiting.tag, cx),
            _ => reply(node, waiting.device, waiting.tag, answer, cx),
        }
    }

    fn waited(&self, setup: &Setup, index: u8, waiting: Waiting, cx: &mut World) {
        let span = cx.now().since(waiting.since).as_detail();
        let about = Tag {
            channel: Channel::None,
            ..waiting.tag
        };
        let node = setup.layout.copy(index);
        cx.record(Fact::Waited, node, waiting.device, about, span);
    }

    fn answer(&self, setup: &Setup, index: u8, device: NodeId, tag: Tag, cx: &mut World) {
        let shown = self.stores[index as usize].table.row(tag.key).shown();
        reply(
            setup.layout.copy(index),
            device,
            tag,
            Answer::Shown(shown),
            cx,
        );
    }
}

/// Sends the answer to a query.
pub fn reply(from: NodeId, device: NodeId, query: Tag, answer: Answer, cx: &mut World) {
    let version = match answer {
        Answer::Shown(Shown { version, .. }) => version,
        _ => 0,
    };
    let tag = Tag {
        channel: Channel::Answer,
        version,
        ..query
    };
    cx.send(from, device, Lane::Setting, tag, Message::Answer(answer));
}
