//! The pages, and which of them the address names.

use super::app::App;
use super::matrix::MatrixPage;
use super::start::StartPage;
use super::theme;
use crate::platform::{page, root};
use crate::player::{Bench, Page};
use std::cell::RefCell;
use std::rc::Rc;
use yew::prelude::*;

/// The bench of the whole visit: what was measured stays while other pages are looked at.
#[derive(Clone)]
pub struct BenchHandle(pub Rc<RefCell<Bench>>);

impl PartialEq for BenchHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// The page that the address names.
#[component]
pub fn Pages() -> Html {
    let here = use_state_eq(|| Page::of(&page::fragment()));
    let bench = use_memo((), |()| BenchHandle(Rc::default()));
    use_memo((), |()| theme::restore());
    use_effect_with((), {
        let here = here.setter();
        move |()| {
            page::tell_boot("started", "yes");
            let listeners = page::on_fragment(move || here.set(Page::of(&page::fragment())));
            move || drop(listeners)
        }
    });
    let opened = use_mut_ref(|| false);
    use_effect_with(*here, move |here| {
        arrive(*here, opened.replace(true));
    });
    match *here {
        Page::Start => html! { <StartPage /> },
        Page::Matrix(_) => html! { <MatrixPage bench={(*bench).clone()} /> },
        Page::Playground => html! { <App /> },
    }
}

/// A page is shown; `again` says that the visitor came from another one. Then whoever does not
/// see it change hears its heading, and whoever uses keys starts from there.
fn arrive(page: Page, again: bool) {
    let title = match page {
        Page::Start => "Converge: see, measure and break eventual consistency",
        Page::Matrix(_) => "Every protection, off and on · Converge",
        // It has the name of what it shows.
        Page::Playground => "",
    };
    if !title.is_empty() {
        page::set_title(title);
        page::tell_boot("link", &page.fragment());
    }
    if again {
        root::focus_test_id("heading");
    }
    if let Page::Matrix(Some(row)) = page {
        root::scroll_to_test_id(&["row-", row].concat());
    }
}
