//! What changes by actions only: the reducer, and its context.

use super::snippet::{Change, Choice};
use crate::player::link::BadLink;
use crate::player::{Snapshot, Subject};
use converge_engine::check::PropertyId;
use converge_engine::sim::SimDuration;
use std::rc::Rc;
use yew::prelude::*;

/// A dialog over the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialog {
    /// What the pattern is.
    About,
    /// What the shapes mean.
    Legend,
    /// The keys.
    Help,
    /// What to write into another page.
    Embed,
}

/// A panel of the narrow layout.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Panel {
    /// Scenario, protections, conditions.
    Setup,
    /// Invariants, chart, inspector.
    #[default]
    Checks,
    /// The story.
    Story,
    /// The timeline.
    Time,
}

/// A menu of interventions at a place of the stage.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Popover {
    /// What it is about.
    pub subject: Subject,
    /// Where, across, in pixels of the stage.
    pub x: f64,
    /// Where, down.
    pub y: f64,
}

/// The state.
#[derive(Clone, PartialEq)]
pub struct State {
    /// The session as far as actions change it.
    pub session: Rc<Snapshot>,
    /// What the inspector shows.
    pub selection: Option<Subject>,
    /// The menu on the stage.
    pub popover: Option<Popover>,
    /// Whether the list of interventions is open.
    pub intervening: bool,
    /// Whether the narrow layout shows the options of the playback.
    pub options: bool,
    /// The violation card that is open.
    pub violation: Option<PropertyId>,
    /// The dialog that is open.
    pub dialog: Option<Dialog>,
    /// What is chosen in the dialog for embedding.
    pub embed: Choice,
    /// The panel that the narrow layout shows.
    pub panel: Panel,
    /// Whether the state table is shown.
    pub table: bool,
    /// Whether quiet stretches of the timeline are folded.
    pub fold: bool,
    /// A short message, and its number so that the same text can come twice.
    pub toast: Option<(u32, AttrValue)>,
    /// How much quiet time was skipped last.
    pub skipped: Option<SimDuration>,
    /// A link that cannot be opened.
    pub bad_link: Option<Rc<BadLink>>,
    /// What to say about the link that was opened.
    pub notice: Option<AttrValue>,
    /// A bad input: the field and why.
    pub bad_input: Option<(AttrValue, AttrValue)>,
}

/// What can happen.
pub enum Action {
    /// The session changed.
    Sync(Box<Snapshot>),
    /// Something was selected, or nothing.
    Select(Option<Subject>),
    /// The menu on the stage opens or closes.
    Popover(Option<Popover>),
    /// The list of interventions opens or closes.
    ToggleIntervening,
    /// The options of the playback open or close in the narrow layout.
    ToggleOptions,
    /// A violation card opens or closes.
    ShowViolation(Option<PropertyId>),
    /// A dialog opens or closes.
    ShowDialog(Option<Dialog>),
    /// Something in the dialog for embedding.
    Embed(Change),
    /// The narrow layout shows a panel.
    ShowPanel(Panel),
    /// The state table appears or disappears.
    ToggleTable,
    /// Quiet stretches fold or unfold.
    ToggleFold,
    /// A short message appears.
    Toast(AttrValue),
    /// The message with this number disappears.
    EndToast(u32),
    /// Quiet time is being skipped.
    Skipped(SimDuration),
    /// A link cannot be opened, or that is over.
    BadLink(Option<Rc<BadLink>>),
    /// Something to say about a link.
    Notice(Option<AttrValue>),
    /// A field got a value it does not allow, or that is over.
    BadInput(Option<(AttrValue, AttrValue)>),
    /// Whatever is open closes, the topmost first.
    Escape,
}

impl State {
    /// The state of a page that just opened.
    pub fn new(session: Snapshot) -> State {
        State {
            session: Rc::new(session),
            selection: None,
            popover: None,
            intervening: false,
            options: false,
            violation: None,
            dialog: None,
            embed: Choice::default(),
            panel: Panel::default(),
            table: false,
            fold: false,
            toast: None,
            skipped: None,
            bad_link: None,
            notice: None,
            bad_input: None,
        }
    }

    fn sync(&mut self, snapshot: Snapshot) {
        use crate::player::Guide;
        if snapshot.edition != self.session.edition
            || snapshot.shown != self.session.shown
            || snapshot.scenario.preset != self.session.scenario.preset
        {
            self.popover = None;
            self.violation = None;
            self.bad_input = None;
        }
        if !snapshot.playing {
            self.skipped = None;
        }
        if let Guide::Broken(concern) = snapshot.guide
            && snapshot.guide != self.session.guide
        {
            self.violation = Some(concern.property);
        }
        self.session = Rc::new(snapshot);
    }

    /// Shows a subject: an invariant by the card of its violation, all else in the inspector.
    pub fn select(&mut self, selection: Option<Subject>) {
        self.selection = selection;
        if let Some(Subject::Invariant(property)) = selection {
            (self.selection, self.violation) = (None, Some(property));
        }
        if selection.is_some() {
            self.panel = Panel::Checks;
        }
    }

    fn escape(&mut self) {
        if self.dialog.is_some() {
            self.dialog = None;
        } else if self.popover.is_some() {
            self.popover = None;
        } else if self.intervening {
            self.intervening = false;
        } else if self.options {
            self.options = false;
        } else if self.violation.is_some() {
            self.violation = None;
        } else {
            self.selection = None;
        }
    }
}

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut state = (*self).clone();
        match action {
            Action::Sync(snapshot) if *snapshot == *state.session => return self,
            Action::Sync(snapshot) => state.sync(*snapshot),
            Action::Select(selection) => state.select(selection),
            Action::Popover(popover) => state.popover = popover,
            Action::ToggleIntervening => {
                state.intervening = !state.intervening;
                state.options = false;
            }
            Action::ToggleOptions => {
                state.options = !state.options;
                state.intervening = false;
            }
            Action::ShowViolation(violation) => state.violation = violation,
            Action::ShowDialog(dialog) => state.dialog = dialog,
            Action::Embed(change) => state.embed.change(change),
            Action::ShowPanel(panel) => state.panel = panel,
            Action::ToggleTable => state.table = !state.table,
            Action::ToggleFold => state.fold = !state.fold,
            Action::Toast(text) => {
                let number = state.toast.as_ref().map_or(0, |(number, _)| number + 1);
                state.toast = Some((number, text));
            }
            Action::EndToast(number) => {
                if state
                    .toast
                    .as_ref()
                    .is_some_and(|(other, _)| *other == number)
                {
                    state.toast = None;
                }
            }
            Action::Skipped(span) => state.skipped = Some(span),
            Action::BadLink(bad) => state.bad_link = bad,
            Action::Notice(notice) => state.notice = notice,
            Action::BadInput(bad) => state.bad_input = bad,
            Action::Escape => state.escape(),
        }
        if state == *self { self } else { Rc::new(state) }
    }
}

/// The context.
pub type StateHandle = UseReducerHandle<State>;

/// The state; draws again with every change of it.
#[hook]
pub fn use_state_of_app() -> StateHandle {
    use_context::<StateHandle>().expect("inside the app")
}
