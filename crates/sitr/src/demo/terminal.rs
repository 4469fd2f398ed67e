//! The terminal while the view has it, and its way back to how it was: at the end, on an error, and on a panic.

use std::{
    io::{Stdout, Write as _, stdout},
    panic::PanicHookInfo,
    sync::Arc,
};

use ratatui::{
    Terminal,
    backend::CrosstermBackend,
    crossterm::{
        cursor::Show,
        execute,
        terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
    },
};

use super::layout::Order;

/// ECMA-48 mode 8, bidirectional support: reset = the terminal draws what it gets in the order in which it gets it.
const EXPLICIT: &[u8] = b"\x1b[8l";
/// Set = the terminal orders text itself, the usual state of those that can.
const IMPLICIT: &[u8] = b"\x1b[8h";

type Hook = Arc<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// Holds the terminal; dropping it gives the terminal back.
pub(super) struct Held {
    /// What the view draws on.
    pub(super) terminal: Terminal<CrosstermBackend<Stdout>>,
    order: Order,
    hook: Hook,
}

impl Held {
    /// Takes the terminal: alternate screen, raw mode, no bidirectional help of its own where we give the order.
    ///
    /// # Errors
    /// It cannot be switched; it is given back then.
    pub(super) fn take(order: Order) -> std::io::Result<Self> {
        let hook: Hook = Arc::from(std::panic::take_hook());
        let (usual, viewer) = (Arc::clone(&hook), std::thread::current().id());
        std::panic::set_hook(Box::new(move |info| {
            // The engine catches panics of its workers and counts them; they must not end the view or write over it.
            if std::thread::current().id() == viewer {
                give_back(order);
                usual(info);
            }
        }));
        let held = Terminal::new(CrosstermBackend::new(stdout())).map(|terminal| Self { terminal, order, hook })?;
        enable_raw_mode()?;
        execute!(stdout(), EnterAlternateScreen)?;
        if order == Order::Visual {
            stdout().write_all(EXPLICIT)?;
            stdout().flush()?;
        }
        Ok(held)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        give_back(self.order);
        if !std::thread::panicking() {
            let hook = Arc::clone(&self.hook);
            std::panic::set_hook(Box::new(move |info| hook(info)));
        }
    }
}

/// As far as it goes: there is nobody left to tell of an error.
fn give_back(order: Order) {
    let mut out = stdout();
    if order == Order::Visual {
        let _ = out.write_all(IMPLICIT);
    }
    let _ = execute!(out, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}
