//! What can be asked of a figure by name. Names and meanings are those of media elements where
//! there is one.

use super::entry::entered;
use super::view::{place, speeds, state_text};
use super::{Figure, option};
use crate::player::Subject;
use crate::player::link::decode_subject;
use crate::scene::{menu, mermaid, twin};
use converge_engine::object;
use converge_engine::pattern::knob::{FieldError, put};
use converge_engine::scenario::{self, Scenario};
use converge_engine::sim::{RecordId, SimTime};
use serde_json::{Map, Value as Json};

type Answer = Result<Json, FieldError>;

impl Figure {
    /// Does what a method of the element says.
    pub(super) fn call(&mut self, method: &str, argument: &Json) -> Answer {
        entered(method, &self.root);
        match method {
            "getState" => return Ok(state_text(self).into()),
            "snapshot" => return Ok(self.snapshot()),
            "metrics" => return Ok(self.report()),
            "scenario" => return Ok(self.session.branch().scenario.to_value()),
            "exportMermaid" => {
                return Ok(mermaid::text(&self.session, &self.setting.topology).into());
            }
            "exportJson" => return Ok(self.export()),
            "speeds" => return Ok(speeds()),
            "play" | "pause" | "step" | "seek" | "seekRecord" | "reset" | "rate" => {
                self.move_playhead(method, argument)?;
            }
            "select" => {
                let subject = match argument.as_str() {
                    Some(text) => Some(decode_subject(text, &self.setting.topology)?),
                    None => None,
                };
                self.select(subject);
            }
            "setState" | "load" | "intervene" | "choose" | "protect" => {
                if self.readonly && method != "setState" {
                    return Err(FieldError::new(
                        method,
                        "readonly",
                        "a figure that is not read-only",
                    ));
                }
                self.change(method, argument)?;
            }
            _ => {
                return Err(FieldError::new(
                    "method",
                    method,
                    "a method of this version",
                ));
            }
        }
        self.show();
        Ok(place(self))
    }

    fn move_playhead(&mut self, method: &str, argument: &Json) -> Result<(), FieldError> {
        let session = &mut self.session;
        match method {
            "play" if !session.clock.playing => session.toggle(),
            "pause" if session.clock.playing => session.toggle(),
            "step" => {
                let count = whole("step", argument)?;
                session.step(count.clamp(-1000, 1000) as i32);
            }
            "seek" => {
                let at = argument.as_f64().filter(|at| at.is_finite() && *at >= 0.0);
                let allowed = "seconds, 0 or more";
                let at = at.ok_or_else(|| FieldError::of_json("seek", argument, allowed))?;
                session.seek(SimTime::from_micros((at * 1e6) as u64));
            }
            "seekRecord" => {
                session.seek_record(RecordId(whole("seekRecord", argument)?.max(0) as u32));
            }
            "reset" => {
                session.reset();
                session.restart();
            }
            "rate" => session.clock.speed = option::speed(argument)?,
            _ => {}
        }
        Ok(())
    }

    fn change(&mut self, method: &str, argument: &Json) -> Result<(), FieldError> {
        match method {
            "choose" => {
                let index = whole("choose", argument)?;
                let item = usize::try_from(index)
                    .ok()
                    .and_then(|index| self.items.get(index));
                let Some(item) = item else {
                    return Err(FieldError::of_json(
                        "choose",
                        argument,
                        "the index of an item",
                    ));
                };
                let what = item.what.clone();
                self.session.intervene(what);
                self.items.clear();
            }
            "intervene" => {
                // Read as any scenario's interventions are, at the playhead if no time is given.
                let mut scenario = self.session.branch().scenario.to_value();
                let mut wanted = argument.clone();
                if let Json::Object(wanted) = &mut wanted
                    && !wanted.contains_key("at")
                {
                    let at = self.session.clock.at().since(SimTime::ZERO);
                    put(wanted, "at", at.to_string());
                }
                if let Json::Object(scenario) = &mut scenario {
                    let list = scenario
                        .entry("interventions")
                        .or_insert_with(|| Json::Array(Vec::new()));
                    if let Json::Array(list) = list {
                        list.push(wanted);
                    }
                }
                let scenario = Scenario::from_value(&scenario)?;
                if let Some(planned) = scenario.interventions.last() {
                    self.session.seek(planned.at);
                    self.session.intervene(planned.what.clone());
                }
            }
            "protect" => {
                let id = argument
                    .get("id")
                    .and_then(Json::as_str)
                    .unwrap_or_default();
                let on = argument.get("on").and_then(Json::as_bool).unwrap_or(true);
                self.session.set_protection(id, on)?;
            }
            _ => {
                let option = if method == "load" {
                    "scenario"
                } else {
                    "state"
                };
                let mut options = Map::new();
                put(&mut options, option, argument.clone());
                let given = option::read(&Json::Object(options))?;
                let (speed, discrete) = (self.session.clock.speed, self.session.discrete);
                self.session = given.opening.finish();
                (self.session.clock.speed, self.session.discrete) = (speed, discrete);
                self.selection = given.selection;
            }
        }
        Ok(())
    }

    /// Selects something, and finds out what can be done to it.
    pub(super) fn select(&mut self, subject: Option<Subject>) {
        self.selection = subject;
        let cursor = self.session.branch().cursor();
        let mut flights = Vec::new();
        cursor.flights(&mut flights);
        let items = subject.filter(|_| !self.readonly);
        let items =
            items.map(|subject| menu::of(subject, cursor, &self.setting.topology, &flights));
        self.items = items.unwrap_or_default();
        self.draw();
    }

    /// Services with what they show, and what is in flight.
    fn snapshot(&self) -> Json {
        let topology = &self.setting.topology;
        let services = twin::rows(self.painter.stage());
        let services = services
            .into_iter()
            .map(|row| object!({ "name": row.name, "state": row.state, "content": row.content }));
        let mut flights = Vec::new();
        self.session.branch().cursor().flights(&mut flights);
        let flights = flights.iter().map(|flight| {
            object!({
                "from": topology.name(flight.from), "to": topology.name(flight.to),
                "what": crate::scene::token::word(flight.tag.channel),
                "entity": (flight.tag.key > 0).then(|| topology.entity_label(flight.tag.key)),
            })
        });
        object!({
            "services": services.collect::<Json>(), "messages": flights.collect::<Json>(),
        })
    }

    fn report(&self) -> Json {
        let branch = self.session.branch();
        let cursor = branch.cursor();
        scenario::report(&branch.scenario, cursor.observers(), cursor.now())
    }

    fn export(&self) -> Json {
        let mut out = self.report();
        if let Json::Object(out) = &mut out {
            put(out, "state", state_text(self));
            put(out, "place", place(self));
        }
        out
    }
}

fn whole(name: &str, argument: &Json) -> Result<i64, FieldError> {
    let number = argument.as_f64().filter(|number| number.fract() == 0.0);
    let number = number.ok_or_else(|| FieldError::of_json(name, argument, "a whole number"))?;
    Ok(number as i64)
}
