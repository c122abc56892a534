//! Interventions as JSON: `{"at":"3s","after":2,"do":"crash","node":"Orders"}`.

use crate::pattern::Topology;
use crate::pattern::knob::{FieldError, Range, Value, parse_span, put};
use crate::sim::{Channel, Intervention, MessageName, NodeId, Planned, SimDuration, SimTime};
use serde_json::{Map, Value as Json};

/// Names of the channels a message can be named by.
const CHANNELS: [(&str, Channel); 32] = [
    ("request", Channel::Request),
    ("reply", Channel::Reply),
    ("publish", Channel::Publish),
    ("publish-ack", Channel::PublishAck),
    ("deliver", Channel::Deliver),
    ("ack", Channel::Ack),
    ("nack", Channel::Nack),
    ("call", Channel::Call),
    ("call-reply", Channel::CallReply),
    ("query", Channel::Query),
    ("page", Channel::Page),
    ("batch", Channel::Batch),
    ("batch-ack", Channel::BatchAck),
    ("answer", Channel::Answer),
    ("replicate", Channel::Replicate),
    ("prepare", Channel::Prepare),
    ("vote", Channel::Vote),
    ("decision", Channel::Decision),
    ("decision-ack", Channel::DecisionAck),
    ("inquiry", Channel::Inquiry),
    ("command", Channel::Command),
    ("step-reply", Channel::StepReply),
    ("compensate", Channel::Compensate),
    ("compensate-reply", Channel::CompensateReply),
    ("confirm", Channel::Confirm),
    ("confirm-reply", Channel::ConfirmReply),
    ("saga-started", Channel::SagaStarted),
    ("step-done", Channel::StepDone),
    ("step-failed", Channel::StepFailed),
    ("step-undone", Channel::StepUndone),
    ("saga-overdue", Channel::SagaOverdue),
    ("echo", Channel::Echo),
];

/// What can be done, by name.
pub const KINDS: [&str; 11] = [
    "crash",
    "restart",
    "partition",
    "heal",
    "hold",
    "release",
    "drop",
    "duplicate",
    "delay",
    "redrive",
    "write",
];

const FIELDS: [&str; 13] = [
    "at", "after", "do", "node", "from", "to", "both", "channel", "message", "attempt", "copy",
    "by", "key",
];

/// The name of a channel in JSON and links.
pub fn channel_name(channel: Channel) -> &'static str {
    CHANNELS
        .iter()
        .find(|(_, known)| *known == channel)
        .map_or("none", |(name, _)| name)
}

/// The channel with this name.
pub fn channel_named(name: &str) -> Option<Channel> {
    let found = CHANNELS.iter().find(|(known, _)| *known == name);
    found.map(|(_, channel)| *channel)
}

/// Writes an intervention.
pub fn to_value(planned: &Planned, topology: &Topology) -> Json {
    let node = |id: NodeId| Json::from(topology.name(id));
    let mut out = Map::new();
    let at = planned.at.since(SimTime::ZERO);
    put(&mut out, "at", at.to_string());
    if planned.after_steps > 0 {
        put(&mut out, "after", planned.after_steps);
    }
    let mut put = |name: &str, value: Json| put(&mut out, name, value);
    match &planned.what {
        Intervention::Crash(id) => (put("do", "crash".into()), put("node", node(*id))).1,
        Intervention::Restart(id) => (put("do", "restart".into()), put("node", node(*id))).1,
        Intervention::Redrive(id) => (put("do", "redrive".into()), put("node", node(*id))).1,
        Intervention::Write(key) => {
            put("do", "write".into());
            if let Some(key) = key {
                put("key", (*key).into());
            }
        }
        Intervention::Partition(from, to, both) | Intervention::Heal(from, to, both) => {
            let partition = matches!(planned.what, Intervention::Partition(..));
            put("do", if partition { "partition" } else { "heal" }.into());
            put("from", node(*from));
            put("to", node(*to));
            put("both", (*both).into());
        }
        Intervention::Hold(from, to) | Intervention::Release(from, to) => {
            let hold = matches!(planned.what, Intervention::Hold(..));
            put("do", if hold { "hold" } else { "release" }.into());
            put("from", node(*from));
            put("to", node(*to));
        }
        Intervention::Drop(name)
        | Intervention::Duplicate(name)
        | Intervention::Postpone(name, _) => {
            put(
                "do",
                match planned.what {
                    Intervention::Drop(_) => "drop",
                    Intervention::Duplicate(_) => "duplicate",
                    _ => "delay",
                }
                .into(),
            );
            put("from", node(name.from));
            put("to", node(name.to));
            put("channel", channel_name(name.channel).into());
            put("message", name.message.into());
            put("attempt", name.attempt.into());
            put("copy", name.copy.into());
            if let Intervention::Postpone(_, by) = planned.what {
                put("by", by.to_string().into());
            }
        }
    }
    Json::Object(out)
}

/// Reads an intervention. A node that this run does not have is an error; a message that is not in
/// flight then is not: the run says "did not apply".
///
/// # Errors
/// The field that is missing, unknown or out of range.
pub fn from_value(json: &Json, field: &str, topology: &Topology) -> Result<Planned, FieldError> {
    let object = json
        .as_object()
        .ok_or_else(|| FieldError::of_json(field, json, "an object"))?;
    let reader = Reader {
        object,
        field,
        topology,
    };
    if let Some(key) = object.keys().find(|key| !FIELDS.contains(&key.as_str())) {
        let allowed = format!("no field but {}", FIELDS.join(", "));
        return Err(FieldError::of_json(
            &format!("{field}.{key}"),
            &object[key],
            allowed,
        ));
    }
    let at = reader.span("at")?;
    let after_steps = reader.integer("after", 0, u32::MAX.into(), Some(0))? as u32;
    let what = reader.what()?;
    Ok(Planned {
        at: SimTime::ZERO.plus(at),
        after_steps,
        what,
    })
}

struct Reader<'a> {
    object: &'a Map<String, Json>,
    field: &'a str,
    topology: &'a Topology,
}

impl Reader<'_> {
    fn what(&self) -> Result<Intervention, FieldError> {
        let kind = self
            .object
            .get("do")
            .and_then(Json::as_str)
            .unwrap_or_default();
        Ok(match kind {
            "crash" => Intervention::Crash(self.node("node")?),
            "restart" => Intervention::Restart(self.node("node")?),
            "redrive" => Intervention::Redrive(self.node("node")?),
            "partition" => {
                Intervention::Partition(self.node("from")?, self.node("to")?, self.both()?)
            }
            "heal" => Intervention::Heal(self.node("from")?, self.node("to")?, self.both()?),
            "hold" => Intervention::Hold(self.node("from")?, self.node("to")?),
            "release" => Intervention::Release(self.node("from")?, self.node("to")?),
            "drop" => Intervention::Drop(self.message()?),
            "duplicate" => Intervention::Duplicate(self.message()?),
            "delay" => Intervention::Postpone(self.message()?, self.span("by")?),
            "write" => Intervention::Write(match self.object.get("key") {
                None => None,
                Some(_) => Some(self.integer("key", 1, u32::MAX.into(), None)? as u32),
            }),
            _ => {
                let allowed = format!("one of {}", KINDS.join(", "));
                return Err(self.error("do", allowed));
            }
        })
    }

    fn error(&self, name: &str, allowed: impl std::fmt::Display) -> FieldError {
        let value = self.object.get(name).unwrap_or(&Json::Null);
        FieldError::of_json(&format!("{}.{name}", self.field), value, allowed)
    }

    fn span(&self, name: &str) -> Result<SimDuration, FieldError> {
        let text = self.object.get(name).and_then(Json::as_str);
        text.and_then(parse_span)
            .filter(|span| span.as_micros() < 1 << 47)
            .ok_or_else(|| self.error(name, "a time with its unit, such as \"3.5s\""))
    }

    fn integer(
        &self,
        name: &str,
        min: i64,
        max: i64,
        default: Option<i64>,
    ) -> Result<i64, FieldError> {
        match (self.object.get(name), default) {
            (None, Some(default)) => Ok(default),
            (None, None) => Err(self.error(name, format!("a whole number from {min} to {max}"))),
            (Some(json), _) => {
                let path = format!("{}.{name}", self.field);
                match Range::Integer(min, max).parse(&path, json)? {
                    Value::Integer(n) => Ok(n),
                    _ => Err(self.error(name, "a whole number")),
                }
            }
        }
    }

    fn both(&self) -> Result<bool, FieldError> {
        match self.object.get("both") {
            None => Ok(true),
            Some(json) => json
                .as_bool()
                .ok_or_else(|| self.error("both", "true or false")),
        }
    }

    fn node(&self, name: &str) -> Result<NodeId, FieldError> {
        let text = self
            .object
            .get(name)
            .and_then(Json::as_str)
            .unwrap_or_default();
        self.topology.find(text).ok_or_else(|| {
            let names: Vec<_> = self
                .topology
                .nodes
                .iter()
                .map(|node| node.name.as_str())
                .collect();
            self.error(name, format!("one of {}", names.join(", ")))
        })
    }

    fn message(&self) -> Result<MessageName, FieldError> {
        let channel = self
            .object
            .get("channel")
            .and_then(Json::as_str)
            .unwrap_or_default();
        let channel = channel_named(channel).ok_or_else(|| {
            let names: Vec<_> = CHANNELS.iter().map(|(name, _)| *name).collect();
            self.error("channel", format!("one of {}", names.join(", ")))
        })?;
        Ok(MessageName {
            from: self.node("from")?,
            to: self.node("to")?,
            channel,
            message: self.integer("message", 1, u32::MAX.into(), None)? as u32,
            attempt: self.integer("attempt", 0, u16::MAX.into(), Some(0))? as u16,
            copy: self.integer("copy", 0, u8::MAX.into(), Some(0))? as u8,
        })
    }
}
