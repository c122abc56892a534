//! The plan of a saga: which service comes when, and what its step is.
//!
//! Compensable steps come first, then the pivot, the point of no return, then steps that are
//! retried until they succeed. Two knobs and one countermeasure change the order.

use super::config::{Config, Isolation, STEPS_MAX};

/// What a step is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StepKind {
    /// Before the pivot: it can be undone.
    Compensable,
    /// Before the pivot, although it cannot be undone: an e-mail sent too early.
    Irrevocable,
    /// The point of no return.
    Pivot,
    /// After the pivot: it is retried until it succeeds.
    Retriable,
}

/// The steps of a saga, in their order; a step's place is its index here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Plan {
    services: [u8; STEPS_MAX],
    len: u8,
    pivot: u8,
    irrevocable: Option<u8>,
}

impl Plan {
    /// The plan of a saga.
    pub fn of(config: &Config, saga: u32) -> Plan {
        let len = config.steps as u8;
        let mut order: Vec<u8> = (0..len).collect();
        let mut pivot = config.pivot as usize - 1;
        let mut irrevocable = None;
        if config.early_email && pivot + 1 < order.len() {
            irrevocable = order.pop();
            order.insert(pivot, len - 1);
            pivot += 1;
        }
        if config.isolation == Isolation::PessimisticView && pivot > 0 {
            // What others read changes where nothing is undone any more.
            let first = order.remove(0);
            order.insert(pivot, first);
            pivot -= 1;
        }
        // Who listens to whom is the same for all sagas.
        let leads = !config.is_choreographed();
        if leads && config.opposite_order && saga % 2 == 1 {
            order[..pivot].reverse();
        }
        let mut services = [0; STEPS_MAX];
        services[..order.len()].copy_from_slice(&order);
        Plan {
            services,
            len,
            pivot: pivot as u8,
            irrevocable,
        }
    }

    /// Its places.
    pub fn places(&self) -> std::ops::Range<usize> {
        0..self.count()
    }

    /// Number of steps.
    pub fn count(&self) -> usize {
        usize::from(self.len)
    }

    /// The place of the pivot.
    pub fn pivot(&self) -> usize {
        usize::from(self.pivot)
    }

    /// The service of the pivot.
    pub fn pivot_service(&self) -> u8 {
        self.services[self.pivot()]
    }

    /// The service of a place.
    pub fn service(&self, place: usize) -> u8 {
        self.services[place]
    }

    /// The place of a service.
    pub fn place(&self, service: u8) -> Option<usize> {
        let mut places = self.services[..self.count()].iter();
        places.position(|&other| other == service)
    }

    /// What the step at a place is.
    pub fn kind(&self, place: usize) -> StepKind {
        if self.irrevocable == Some(self.services[place]) {
            return StepKind::Irrevocable;
        }
        match place.cmp(&self.pivot()) {
            std::cmp::Ordering::Less => StepKind::Compensable,
            std::cmp::Ordering::Equal => StepKind::Pivot,
            std::cmp::Ordering::Greater => StepKind::Retriable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(config: &Config, saga: u32) -> (Vec<u8>, usize) {
        let plan = Plan::of(config, saga);
        let services = (0..plan.count()).map(|place| plan.service(place));
        (services.collect(), plan.pivot())
    }

    #[test]
    fn the_order_is_compensable_pivot_retriable() {
        let mut config = Config::default();
        assert_eq!(order(&config, 1), (vec![0, 1, 2, 3], 2));
        config.opposite_order = true;
        assert_eq!(order(&config, 1), (vec![1, 0, 2, 3], 2));
        assert_eq!(order(&config, 2), (vec![0, 1, 2, 3], 2));
        config.opposite_order = false;
        config.early_email = true;
        assert_eq!(order(&config, 1), (vec![0, 1, 3, 2], 3));
        assert_eq!(Plan::of(&config, 1).kind(2), StepKind::Irrevocable);
        config.early_email = false;
        config.isolation = Isolation::PessimisticView;
        assert_eq!(order(&config, 1), (vec![1, 2, 0, 3], 1));
        let kinds = (0..4).map(|place| Plan::of(&config, 1).kind(place));
        use StepKind::{Compensable, Pivot, Retriable};
        assert_eq!(
            kinds.collect::<Vec<_>>(),
            [Compensable, Pivot, Retriable, Retriable]
        );
    }
}
