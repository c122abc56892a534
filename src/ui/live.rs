//! The session behind the components: actions go in, frames advance it, pulses go out.
//!
//! Pulses are rationed, because a browser lays out and paints whatever they change: while the
//! playhead moves each frame pulses one part of the page, the one that is most overdue at its
//! [`Pace`]. What a person did shows at once on the stage and within some frames everywhere.

use super::state::{Action, State};
use crate::platform::frames::FrameLoop;
use crate::platform::page::{self, Entry};
use crate::platform::storage::{self, Key};
use crate::platform::timer::Debounce;
use crate::player::snippet::Source;
use crate::player::{Frame, Session, Speed, Subject};
use converge_engine::scenario::Scenario;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use yew::prelude::*;

/// Milliseconds of a frame that may go into computing ahead.
const BUDGET_MS: f64 = 6.0;
/// Milliseconds of rest before the address follows.
const ADDRESS_MS: u32 = 350;

type Painter = Rc<dyn Fn(&mut Session)>;

/// How often a part of the page looks at the session while the playhead moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pace {
    /// Numbers that run: all of them in one frame. They show at once what a person did.
    Text,
    /// What the eye follows: the stage. It shows at once what a person did.
    Prompt,
    /// What is read.
    Steady,
    /// What changes slowly or costs much.
    Slow,
}

impl Pace {
    fn period_ms(self) -> f64 {
        match self {
            Pace::Text | Pace::Prompt => 100.0,
            Pace::Steady => 330.0,
            Pace::Slow => 500.0,
        }
    }
}

/// A part of the page that wants pulses.
struct Listener {
    id: u32,
    pace: Pace,
    callback: Callback<()>,
    pulsed_ms: f64,
    /// Whether the playhead moved since its latest pulse.
    stale: bool,
    /// Whether it has yet to show what a person did, or what else cannot wait for its pace.
    due: bool,
}

impl Listener {
    fn is_urgent(&self) -> bool {
        self.due && matches!(self.pace, Pace::Text | Pace::Prompt)
    }

    /// How late it is, in its own periods; at least 1 when it is its turn.
    fn lateness(&self, now: f64) -> f64 {
        match (self.due, self.stale) {
            (true, _) => f64::INFINITY,
            (_, true) => (now - self.pulsed_ms) / self.pace.period_ms(),
            _ => 0.0,
        }
    }
}

/// The one session of the page, shared by all components by reference.
pub struct Live {
    session: RefCell<Session>,
    dispatch: RefCell<Option<UseReducerDispatcher<State>>>,
    selection: Cell<Option<Subject>>,
    listeners: RefCell<Vec<Listener>>,
    painters: RefCell<Vec<(u32, Painter)>>,
    next_id: Cell<u32>,
    frames: RefCell<Option<FrameLoop>>,
    last_ms: Cell<f64>,
    visible: Cell<bool>,
    address: Debounce,
    push: Cell<bool>,
    /// The fragment this page wrote last, to know its own from one that somebody typed.
    written: RefCell<String>,
    /// No address is written while a bad link is on the screen.
    pub frozen: Cell<bool>,
}

impl Live {
    /// A handle on a session; its frame loop stands still.
    pub fn new(session: Session) -> Rc<Live> {
        let live = Rc::new(Live {
            session: RefCell::new(session),
            dispatch: RefCell::new(None),
            selection: Cell::new(None),
            listeners: RefCell::default(),
            painters: RefCell::default(),
            next_id: Cell::new(0),
            frames: RefCell::new(None),
            last_ms: Cell::new(0.0),
            visible: Cell::new(true),
            address: Debounce::default(),
            push: Cell::new(false),
            written: RefCell::default(),
            frozen: Cell::new(false),
        });
        let weak = Rc::downgrade(&live);
        let frames =
            FrameLoop::new(move |time| weak.upgrade().is_some_and(|live| live.on_frame(time)));
        *live.frames.borrow_mut() = Some(frames);
        live
    }

    /// Where snapshots go.
    pub fn connect(&self, dispatch: UseReducerDispatcher<State>) {
        *self.dispatch.borrow_mut() = Some(dispatch);
    }

    /// Reads the session.
    pub fn read<T>(&self, read: impl FnOnce(&Session) -> T) -> T {
        read(&self.session.borrow())
    }

    /// Changes the session by what a person did, and shows it everywhere.
    pub fn act<T>(self: &Rc<Self>, action: impl FnOnce(&mut Session) -> T) -> T {
        let branches = self.read(|session| session.branches().len());
        let result = action(&mut self.session.borrow_mut());
        if self.read(|session| session.branches().len()) > branches {
            self.push.set(true);
        }
        self.show();
        result
    }

    /// Changes what nobody sees change.
    pub fn act_quietly<T>(&self, action: impl FnOnce(&mut Session) -> T) -> T {
        action(&mut self.session.borrow_mut())
    }

    /// Replaces the session: another preset or link. Back returns to the present one.
    pub fn open(self: &Rc<Self>, session: Session, entry: Entry) {
        match entry {
            // What back returns to may not have been written yet.
            Entry::Push => self.write_address(),
            // The address is where this comes from; going on from here is news again.
            Entry::Replace => *self.written.borrow_mut() = page::fragment(),
        }
        let pace = |session: &Session| Speed::of(&session.branch().scenario);
        // A speed that was chosen stays, unless the new scenario is watched at another pace.
        let same = self.read(pace) == pace(&session);
        let own = session.clock.speed;
        let speed = self.read(|present| if same { present.clock.speed } else { own });
        let (skip, pause) = self.read(|session| (session.skip_quiet, session.pause_on_violation));
        let discrete = self.read(|session| session.discrete);
        {
            let mut present = self.session.borrow_mut();
            *present = session;
            present.clock.speed = speed;
            present.skip_quiet = skip;
            present.pause_on_violation = pause;
            present.discrete = discrete;
        }
        self.frozen.set(false);
        self.push.set(entry == Entry::Push);
        self.show();
    }

    /// What is selected, for the address.
    pub fn select(self: &Rc<Self>, selection: Option<Subject>) {
        self.selection.set(selection);
        self.plan_address();
    }

    /// Whether the stage is on the screen and the tab is shown.
    pub fn set_visible(self: &Rc<Self>, visible: bool) {
        self.visible.set(visible);
        self.last_ms.set(0.0);
        self.run_frames();
    }

    /// Asks for pulses; returns the number to end that with.
    pub fn listen(&self, pace: Pace, callback: Callback<()>) -> u32 {
        let id = self.new_id();
        self.listeners.borrow_mut().push(Listener {
            id,
            pace,
            callback,
            pulsed_ms: 0.0,
            stale: false,
            due: false,
        });
        id
    }

    /// Asks to paint in every frame; returns the number to end that with.
    pub fn paint_with(&self, painter: Painter) -> u32 {
        let id = self.new_id();
        self.painters.borrow_mut().push((id, painter));
        id
    }

    /// Ends pulses or painting.
    pub fn forget(&self, id: u32) {
        self.listeners.borrow_mut().retain(|other| other.id != id);
        self.painters.borrow_mut().retain(|(other, _)| *other != id);
    }

    /// The link to what is shown now.
    pub fn link(&self) -> String {
        self.read(|session| session.link(self.selection.get()).encode())
    }

    /// What is shown now, for other pages.
    pub fn source(&self) -> Source {
        self.read(|session| Source::of(session, self.selection.get(), &page::address()))
    }

    /// Whether the fragment in the address is the one this page wrote.
    pub fn wrote(&self, fragment: &str) -> bool {
        *self.written.borrow() == fragment
    }

    /// Shows the session everywhere and keeps frames running while they are needed.
    pub fn show(self: &Rc<Self>) {
        self.show_soon();
        self.pulse_prompt();
        self.run_frames();
    }

    /// The same within some frames, for a frame that has done enough.
    fn show_soon(self: &Rc<Self>) {
        self.sync();
        self.paint();
        let mut listeners = self.listeners.borrow_mut();
        listeners.iter_mut().for_each(|one| one.due = true);
        drop(listeners);
        self.plan_address();
    }

    fn new_id(&self) -> u32 {
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        id
    }

    fn sync(&self) {
        let snapshot = self.read(Session::snapshot);
        if let Some(dispatch) = self.dispatch.borrow().as_ref() {
            dispatch.dispatch(Action::Sync(Box::new(snapshot)));
        }
    }

    /// Pulses what must not wait for a frame.
    fn pulse_prompt(&self) {
        let count = self.listeners.borrow().len();
        for index in 0..count {
            self.pulse(Listener::is_urgent, index);
        }
    }

    /// Pulses the one part of the page that is most overdue, if any is. Running numbers go
    /// together: one is as much work as all, because the page is laid out for it.
    fn pulse_next(&self) {
        let now = page::now_ms();
        let listeners = self.listeners.borrow();
        let lateness = listeners
            .iter()
            .map(|listener| listener.lateness(now))
            .enumerate();
        // The first of equals, so that none waits for ever.
        let latest = lateness.reduce(|a, b| if b.1 > a.1 { b } else { a });
        let Some((index, _)) = latest.filter(|(_, lateness)| *lateness >= 1.0) else {
            return;
        };
        let (count, is_text) = (listeners.len(), listeners[index].pace == Pace::Text);
        drop(listeners);
        if is_text {
            (0..count).for_each(|index| self.pulse(|one| one.pace == Pace::Text, index));
        } else {
            self.pulse(|_| true, index);
        }
    }

    fn pulse(&self, wanted: impl Fn(&Listener) -> bool, index: usize) {
        let mut listeners = self.listeners.borrow_mut();
        let Some(listener) = listeners.get_mut(index).filter(|one| wanted(one)) else {
            return;
        };
        (listener.due, listener.stale) = (false, false);
        listener.pulsed_ms = page::now_ms();
        let callback = listener.callback.clone();
        drop(listeners);
        callback.emit(());
    }

    fn is_due(&self) -> bool {
        self.listeners.borrow().iter().any(|listener| listener.due)
    }

    /// Lets the token layer and the playhead paint.
    pub fn paint(&self) {
        let painters: Vec<Painter> = self
            .painters
            .borrow()
            .iter()
            .map(|(_, painter)| Rc::clone(painter))
            .collect();
        let mut session = self.session.borrow_mut();
        painters.iter().for_each(|painter| painter(&mut session));
    }

    /// Whether the playhead moves or the run is computed, and somebody can see it.
    fn is_moving(&self) -> bool {
        self.read(Session::is_busy) && self.visible.get() && !page::is_hidden()
    }

    fn run_frames(&self) {
        if (self.is_moving() || self.is_due())
            && let Some(frames) = self.frames.borrow().as_ref()
        {
            if !frames.is_running() {
                self.last_ms.set(0.0);
            }
            frames.start();
        }
    }

    /// One frame; returns whether another one is wanted.
    fn on_frame(self: &Rc<Self>, time: f64) -> bool {
        if self.is_moving() {
            let last = self.last_ms.replace(time);
            let dt = if last > 0.0 {
                (time - last) / 1000.0
            } else {
                0.0
            };
            self.move_on(dt);
        } else {
            self.last_ms.set(0.0);
        }
        self.pulse_next();
        self.is_moving() || self.is_due()
    }

    /// Advances and paints.
    fn move_on(self: &Rc<Self>, dt: f64) {
        let frame = self.advance(dt);
        if let Some(skipped) = frame.skipped
            && let Some(dispatch) = self.dispatch.borrow().as_ref()
        {
            dispatch.dispatch(Action::Skipped(skipped));
        }
        if frame.stopped {
            self.show();
        } else if frame.moved {
            self.paint();
            let mut listeners = self.listeners.borrow_mut();
            listeners.iter_mut().for_each(|one| one.stale = true);
        } else if frame.computed && !self.is_due() {
            self.show_soon();
        }
    }

    fn advance(&self, dt: f64) -> Frame {
        let end = page::now_ms() + BUDGET_MS;
        let mut in_budget = || page::now_ms() < end;
        let guide = self.read(Session::guide);
        let frame = self.session.borrow_mut().frame(dt, &mut in_budget);
        if self.read(Session::guide) != guide {
            self.sync();
        }
        frame
    }

    /// The address follows a little later, so that a slider does not write it a hundred times.
    fn plan_address(self: &Rc<Self>) {
        let live = Rc::clone(self);
        page::tell_boot("seed", &self.read(|s| s.branch().scenario.seed.to_string()));
        self.address.after(ADDRESS_MS, move || live.write_address());
    }

    /// Writes the address now.
    pub fn write_address(&self) {
        if self.frozen.get() {
            return;
        }
        let link = self.link();
        page::tell_boot("link", &link);
        storage::write(Key::Last, &link);
        let entry = if self.push.replace(false) {
            Entry::Push
        } else {
            Entry::Replace
        };
        page::set_fragment(&link, entry);
        *self.written.borrow_mut() = page::fragment();
    }
}

/// The context: the session behind everything.
#[derive(Clone)]
pub struct LiveHandle(pub Rc<Live>);

impl PartialEq for LiveHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// The session, without following the playhead.
#[hook]
pub fn use_live() -> Rc<Live> {
    use_context::<LiveHandle>()
        .map(|handle| handle.0)
        .expect("inside the app")
}

/// The session, drawn again with every pulse.
#[hook]
pub fn use_pulse(pace: Pace) -> Rc<Live> {
    let live = use_live();
    let force = use_force_update();
    let own = Rc::clone(&live);
    use_effect_with((), move |()| {
        let id = own.listen(pace, Callback::from(move |()| force.force_update()));
        move || own.forget(id)
    });
    live
}

/// What `look` saw last, and of which scenario: what it keeps in mind may fit no other.
struct Seen<T, F> {
    scenario: Rc<Scenario>,
    look: F,
    saw: Rc<T>,
}

/// What `look` sees of the session; drawn again with a pulse only if it sees something else.
#[hook]
pub fn use_seen<T, F>(pace: Pace, look: F) -> Rc<T>
where
    T: PartialEq + 'static,
    F: Fn(&Session) -> T + 'static,
{
    let live = use_live();
    let force = use_force_update();
    let last = use_mut_ref(|| None::<Seen<T, F>>);
    let scenario = live.read(|session| Rc::clone(&session.branch().scenario));
    let saw = Rc::new(live.read(&look));
    *last.borrow_mut() = Some(Seen {
        scenario,
        look,
        saw: Rc::clone(&saw),
    });
    use_effect_with((), move |()| {
        let own = Rc::clone(&live);
        let pulse = move |()| {
            let differs = |seen: &Seen<T, F>| {
                own.read(|session| {
                    !Rc::ptr_eq(&session.branch().scenario, &seen.scenario)
                        || (seen.look)(session) != *seen.saw
                })
            };
            let changed = last.borrow().as_ref().is_some_and(differs);
            if changed {
                force.force_update();
            }
        };
        let id = live.listen(pace, Callback::from(pulse));
        move || live.forget(id)
    });
    saw
}
