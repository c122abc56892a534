//! A row as JSON: what it says, and what was measured.

use super::{Law, Row, Tally, Trial};
use crate::pattern::knob::FieldError;
use crate::scenario::read::seed_json;
use serde_json::{Value as Json, json};

/// A row with its scenarios, and what came of so many seeds, off and on.
///
/// # Errors
/// If the row does not fit its room, which a test rules out.
pub fn report(row: &'static Row, runs: u64) -> Result<Json, FieldError> {
    let mut trial = Trial::new(row, 0)?;
    trial.finish(runs, &mut |_, _, _| {});
    let (formula, says) = match row.law {
        Law::Form { name, says, .. } => (Some(name), says),
        Law::Directed(why) => (None, why),
    };
    let codes: Vec<&str> = row.breaks.iter().map(|id| id.info().code).collect();
    let mut out = json!({
        "id": row.id, "pattern": row.pattern, "protection": row.protection, "sheet": row.sheet,
        "breaks": codes, "unit": row.unit, "formula": formula, "says": says,
        "predicted": row.rate(), "predicted_runs": row.run_rate(),
        "scenario": {
            "off": row.scenario(false)?.to_value(), "on": row.scenario(true)?.to_value(),
        },
    });
    if runs > 0 {
        out["measured"] = measured(row, trial.tally());
    }
    Ok(out)
}

fn measured(row: &Row, tally: &Tally) -> Json {
    let broken = row.breaks.iter().enumerate().map(|(index, id)| {
        json!({
            "id": id.info().code, "runs": tally.broken[index],
            "z": tally.z_of_runs(row, index),
            "first_seed": tally.first[index].map(|found| seed_json(found.seed)),
        })
    });
    json!({
        "runs": tally.seeds,
        "off": {
            "units": tally.units, "hits": tally.hits, "z": tally.z(row),
            "broken": broken.collect::<Vec<_>>(),
        },
        "on": {
            "violations": tally.failures, "fault": row.fault, "struck": tally.saved,
            "price": row.price.map(|price| json!({
                "formula": price.name, "says": price.says, "predicted": (price.rate)(),
                "paid": tally.paid, "z": tally.z_of_price(row),
            })),
        },
    })
}
