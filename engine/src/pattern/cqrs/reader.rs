//! Users who read: which server they ask, how long they wait, what they do with what they see.

use super::Setup;
use super::client::Client;
use super::config::Consistency;
use super::message::{Answer, Message, Shown, Timer, World, device_node, number, query_tag};
use super::replica::ReadSide;
use crate::pattern::workload::Wish;
use crate::sim::network::Lane;
use crate::sim::{Address, Channel, Fact, NodeId, SimDuration, SimTime, Site, TimerKey};

/// Attempts of a query are numbered anew, in steps of 2 to this, each time its write is decided.
pub(super) const ROUND: u32 = 5;

/// Why something is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// The workload asks.
    Look,
    /// To see this write.
    Back(u32),
    /// To decide this write.
    First(u32),
}

/// A query without an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    key: u32,
    purpose: Purpose,
    attempt: u16,
    /// Version at the write side when it was asked.
    truth: u32,
    primary: bool,
    timeout: TimerKey,
}

/// What a device was shown last.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LastRead {
    /// What it asked for; 0 if nothing yet.
    pub key: u32,
    /// What it was shown.
    pub shown: u32,
    /// What was true when it asked.
    pub truth: u32,
    /// Who answered.
    pub server: NodeId,
    /// Whether the write side answered because a replica could not in time.
    pub fell_back: bool,
    /// When.
    pub at: SimTime,
}

/// What a query is judged by: the read side that answers, and what is true at that instant.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The read stores.
    pub read: &'a ReadSide,
    /// Version at the write side.
    pub truth: u32,
}

/// How a query goes on that was not answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Again {
    /// At the write side.
    Primary,
    /// At a server that may be another.
    Elsewhere,
    /// Not at all.
    Never,
}

/// What a user does after a read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// Nothing.
    Nothing,
    /// Decides this write, after a while.
    Decide(Wish, SimDuration),
    /// Asks for the same once more.
    Again(Wish),
}

impl Client {
    /// Asks a query.
    pub fn ask(
        &mut self,
        setup: &Setup,
        (device, query, key): (u8, u32, u32),
        purpose: Purpose,
        seen: Seen,
        cx: &mut World,
    ) {
        if !cx.is_up(device_node(device)) {
            return;
        }
        self.put(setup, (device, query, key), (purpose, 0, false), seen, cx);
    }

    pub(super) fn put(
        &mut self,
        setup: &Setup,
        (device, query, key): (u8, u32, u32),
        (purpose, attempt, primary): (Purpose, u16, bool),
        seen: Seen,
        cx: &mut World,
    ) {
        let node = device_node(device);
        let now = cx.now();
        let server = if primary {
            setup.layout.source()
        } else {
            let who = (device, query, attempt);
            (self.sessions).server(setup, who, seen.read, (now, cx.random()))
        };
        let config = &setup.settings.config;
        let token = match config.consistency {
            Consistency::WaitForVersion => self.sessions.wanted(setup, device),
            _ => 0,
        };
        let tag = query_tag(Channel::Query, query, key, 0, attempt);
        if attempt % (1 << ROUND) == 0 {
            let about = query_tag(Channel::None, query, key, 0, 0);
            let asked = cx.record(Fact::Asked, node, server, about, token);
            cx.because(asked);
        }
        cx.send(node, server, Lane::Setting, tag, Message::Query { token });
        let timer = Timer::QueryTimeout(device, query);
        let timeout = cx.timer(node, config.query_timeout, timer);
        let state = &mut self.devices[device as usize];
        let truth = state.questions.get(query).map_or(seen.truth, |q| q.truth);
        let question = Question {
            key,
            purpose,
            attempt,
            truth,
            primary,
            timeout,
        };
        state.questions.insert(query, question);
    }

    /// No answer to a query in time, or only that there is none: ask elsewhere, or give up.
    pub fn ask_again(
        &mut self,
        setup: &Setup,
        (device, query): (u8, u32),
        how: Again,
        read: &ReadSide,
        cx: &mut World,
    ) {
        let state = &mut self.devices[device as usize];
        let Some(question) = state.questions.get(query).copied() else {
            return;
        };
        cx.cancel(question.timeout);
        let Question {
            key,
            purpose,
            truth,
            ..
        } = question;
        let attempt = question.attempt + 1;
        let attempts = setup.settings.config.query_attempts;
        let over = match how {
            Again::Primary => false,
            Again::Elsewhere => u32::from(attempt % (1 << ROUND)) >= attempts,
            Again::Never => true,
        };
        if over {
            state.questions.remove(query);
            let tag = query_tag(Channel::None, query, key, 0, attempt);
            let node = device_node(device);
            cx.record(
                Fact::Unanswered,
                node,
                NodeId::NONE,
                tag,
                u32::from(attempt),
            );
            if let Purpose::First(message) = purpose {
                self.settle_for(setup, device, (message, key), cx);
            }
            return;
        }
        if how == Again::Elsewhere && !question.primary {
            self.sessions.fail_over(setup, device);
        }
        let primary = how == Again::Primary || question.primary;
        let seen = Seen { read, truth };
        self.put(
            setup,
            (device, query, key),
            (purpose, attempt, primary),
            seen,
            cx,
        );
    }

    /// Whether an answer is one to what is asked now: what was shown for an earlier decision says
    /// nothing about this one, and who sends a query on is heard once.
    pub fn expects(&self, device: u8, query: u32, attempt: u16, answer: Answer) -> bool {
        let question = self.devices[device as usize].questions.get(query);
        question.is_some_and(|question| match answer {
            Answer::Shown(_) => question.attempt >> ROUND == attempt >> ROUND,
            Answer::AskPrimary | Answer::Failed => question.attempt == attempt,
        })
    }

    /// A query is answered. Returns what the user does next.
    pub fn shown(
        &mut self,
        setup: &Setup,
        (device, server): (u8, NodeId),
        query: u32,
        shown: Shown,
        cx: &mut World,
    ) -> Next {
        let state = &mut self.devices[device as usize];
        let Some(question) = state.questions.remove(query) else {
            return Next::Nothing;
        };
        cx.cancel(question.timeout);
        let config = &setup.settings.config;
        let key = question.key;
        let token = self.sessions.token_mut(setup, device);
        token.read = token.read.max(shown.position);
        let own = self
            .sessions
            .cache(device)
            .own
            .get(key)
            .copied()
            .unwrap_or(0);
        let version = match config.consistency {
            Consistency::Echo => shown.version.max(own),
            _ => shown.version,
        };
        let behind = question.truth.saturating_sub(version);
        let tag = query_tag(Channel::None, query, key, version, 0);
        let read = cx.record(Fact::Read, device_node(device), server, tag, behind);
        cx.because(read);
        state.last = LastRead {
            key,
            shown: version,
            truth: question.truth,
            server,
            fell_back: question.primary,
            at: cx.now(),
        };
        match question.purpose {
            Purpose::First(message) => {
                let at = Address::of(Site::Think, u64::from(message)).hop(2);
                let decision = state.deciding.at(message);
                decision.seen = version;
                let at = at.attempt(u32::from(decision.tries));
                let wait = cx.sample(at, &config.decision_time);
                Next::Decide(Wish { message, key }, wait)
            }
            // Asked again once, at the first look: a second look finds the same write under way.
            Purpose::Back(message)
                if config.submits_again
                    && version < own
                    && query == number::back(message, false)
                    && !cx.is_draining() =>
            {
                Next::Again(Wish {
                    message: number::again(message),
                    key,
                })
            }
            _ => Next::Nothing,
        }
    }
}
