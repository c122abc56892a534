//! Messages in flight as tokens: where each is at an instant. The one scene drawn every frame.

pub mod label;

use super::geometry::Geometry;
use super::stage::Carried;
use converge_engine::scenario::FlightView;
use converge_engine::sim::{Channel, MessageName, SimTime};

/// What a message is, as its shape.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// A domain event: ●.
    Event,
    /// A request or a call: ■.
    Request,
    /// An answer or an acknowledgement: ○.
    Reply,
    /// A negative acknowledgement: ○ in the colour of trouble.
    Refusal,
    /// A question to a copy: ◇.
    Query,
    /// Rows that a sync job carries: ▬.
    Batch,
    /// A compensation: ◆.
    Compensation,
}

impl Kind {
    /// All of them, in the order of their numbers.
    pub const ALL: [Kind; 7] = [
        Kind::Event,
        Kind::Request,
        Kind::Reply,
        Kind::Refusal,
        Kind::Query,
        Kind::Batch,
        Kind::Compensation,
    ];

    /// The kind of a message.
    pub fn of(channel: Channel) -> Kind {
        match channel {
            Channel::Publish | Channel::Deliver => Kind::Event,
            Channel::Page | Channel::Batch => Kind::Batch,
            Channel::Query | Channel::Inquiry => Kind::Query,
            Channel::Request | Channel::Call | Channel::Prepare => Kind::Request,
            Channel::Command | Channel::Confirm => Kind::Request,
            Channel::Compensate => Kind::Compensation,
            Channel::Nack => Kind::Refusal,
            Channel::Replicate | Channel::Decision => Kind::Event,
            Channel::SagaStarted | Channel::StepDone | Channel::Echo => Kind::Event,
            // What undoes something, in whoever hears it.
            Channel::StepFailed | Channel::StepUndone => Kind::Compensation,
            Channel::SagaOverdue => Kind::Query,
            _ => Kind::Reply,
        }
    }

    /// Its class in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Kind::Event => "event",
            Kind::Request => "request",
            Kind::Reply => "reply",
            Kind::Refusal => "refusal",
            Kind::Query => "query",
            Kind::Batch => "batch",
            Kind::Compensation => "compensation",
        }
    }

    /// The outline of its token around the origin.
    pub fn outline(self) -> &'static str {
        match self {
            Kind::Event => "M-8 0a8 8 0 1 0 16 0a8 8 0 1 0-16 0z",
            Kind::Request => "M-6.5-6.5h13v13h-13z",
            Kind::Reply | Kind::Refusal => "M-6.5 0a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0z",
            Kind::Query | Kind::Compensation => "M-8 0 0-8 8 0 0 8z",
            Kind::Batch => "M-15-7h30v14h-30z",
        }
    }
}

/// The word for a kind of message.
pub fn word(channel: Channel) -> &'static str {
    match channel {
        Channel::None | Channel::Scratch => "message",
        Channel::Request => "request",
        Channel::Reply => "answer",
        Channel::Publish | Channel::Deliver => "event",
        Channel::PublishAck => "confirmation",
        Channel::Ack => "ack",
        Channel::Nack => "nack",
        Channel::Call => "call",
        Channel::CallReply => "call answer",
        Channel::Query => "query",
        Channel::Page => "page",
        Channel::Batch => "rows",
        Channel::BatchAck | Channel::Answer => "answer",
        Channel::Replicate => "change",
        Channel::Prepare => "prepare",
        Channel::Vote => "vote",
        Channel::Decision => "decision",
        Channel::DecisionAck => "ack",
        Channel::Inquiry => "inquiry",
        Channel::Command => "command",
        Channel::Compensate => "compensation",
        Channel::Confirm => "confirmation",
        Channel::StepReply | Channel::CompensateReply | Channel::ConfirmReply => "reply",
        Channel::SagaStarted => "start event",
        Channel::StepDone => "done event",
        Channel::StepFailed => "failed event",
        Channel::StepUndone => "undone event",
        Channel::SagaOverdue => "overdue event",
        Channel::Echo => "echo event",
    }
}

/// A token.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Token {
    /// Where it is, across.
    pub x: f64,
    /// Where it is, down.
    pub y: f64,
    /// Its shape.
    pub kind: Kind,
    /// Its identity.
    pub name: MessageName,
    /// Entity.
    pub key: u32,
    /// Whether it waits on a held link.
    pub held: bool,
    /// Whether it is a copy made by the link.
    pub copy: bool,
    /// Which of what services carry it is, if it is no flight.
    pub carried: Option<u8>,
}

/// A flight shorter than this many wall seconds would only flicker.
pub const FLICKER_SECS: f64 = 0.05;

/// Puts every visible flight at its place. `speed` is simulated per wall seconds; flights too
/// short to be seen at it are left out, unless the playhead stands (`speed` 0).
pub fn place(
    flights: &[FlightView],
    at: SimTime,
    speed: f64,
    geometry: &Geometry,
    out: &mut Vec<Token>,
) {
    out.clear();
    for flight in flights {
        let span = flight.arrives_at.since(flight.sent_at).as_micros() as f64;
        if span / 1e6 < FLICKER_SECS * speed && !flight.held {
            continue;
        }
        let Some(route) = geometry.route(flight.from, flight.to) else {
            continue;
        };
        let flown = at.since(flight.sent_at).as_micros() as f64;
        // A held message stops half-way, where its link is drawn as held.
        let share = match flight.held {
            true => 0.5,
            false if span > 0.0 => flown / span,
            false => 1.0,
        };
        let (x, y) = route.at(share);
        let tag = flight.tag;
        out.push(Token {
            x,
            y,
            kind: Kind::of(tag.channel),
            name: flight.name(),
            key: tag.key,
            held: flight.held,
            copy: flight.copy > 0,
            carried: None,
        });
    }
}

/// Adds what services carry, each at its share of its work.
pub fn carry(carried: &[Carried], at: SimTime, out: &mut Vec<Token>) {
    for (index, one) in carried.iter().enumerate() {
        let whole = one.to.since(one.from).as_micros().max(1) as f64;
        let (x, y) = one.way.at(at.since(one.from).as_micros() as f64 / whole);
        let name = MessageName {
            from: one.way.from,
            to: one.way.to,
            channel: Channel::Page,
            message: one.message,
            attempt: 0,
            copy: 0,
        };
        out.push(Token {
            x,
            y,
            kind: Kind::Batch,
            name,
            key: 0,
            held: false,
            copy: false,
            carried: Some(index as u8),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::geometry::Spot;
    use converge_engine::sim::{NodeId, Tag};

    fn flight(sent: u64, arrives: u64) -> FlightView {
        FlightView {
            tag: Tag {
                channel: Channel::Deliver,
                message: 4,
                key: 2,
                ..Tag::NONE
            },
            from: NodeId(0),
            to: NodeId(1),
            sent_at: SimTime::from_micros(sent),
            arrives_at: SimTime::from_micros(arrives),
            copy: 0,
            doomed: false,
            held: false,
        }
    }

    #[test]
    fn a_token_is_where_its_time_says() {
        let spot = |x| Spot {
            x,
            y: 0.0,
            w: 100.0,
            h: 50.0,
        };
        let mut geometry = Geometry::new(800.0, 400.0, vec![spot(0.0), spot(300.0)]);
        geometry.connect(NodeId(0), NodeId(1));
        let mut tokens = Vec::new();
        let flights = [flight(1000, 51_000), flight(1000, 1500)];
        place(
            &flights,
            SimTime::from_micros(26_000),
            0.001,
            &geometry,
            &mut tokens,
        );
        assert_eq!(
            tokens.len(),
            2,
            "both are long enough at a thousandth of the speed"
        );
        assert!((tokens[0].x - 200.0).abs() < 1e-6, "{}", tokens[0].x);
        place(
            &flights,
            SimTime::from_micros(26_000),
            0.1,
            &geometry,
            &mut tokens,
        );
        assert_eq!(
            tokens.len(),
            1,
            "half a millisecond only flickers at a tenth"
        );
    }
}
