//! The end of a run: what it made is taken away in reverse. An object that cannot be taken away by itself often goes with its
//! owner's account; whether it did is looked at, and not taken for granted.

use std::sync::Arc;

use serde_json::Value;

use crate::calls::Givens;
use crate::evidence::{Role, Side};
use crate::fixture::Fixture;
use crate::journal::State;
use crate::run::{Caller, Run, Trouble, label};
use crate::session::Person;

impl Run<'_> {
    /// Takes away what was made, the identities last, and of those the first before the others: they can still look.
    pub(crate) async fn clean_up(&mut self) {
        let accounts = self.accounts();
        let others: Vec<usize> =
            (0..self.entries()).rev().filter(|index| !accounts.iter().any(|(_, entry)| entry == index)).collect();
        for index in others {
            self.undo_entry(index).await;
        }
        let watched = self.watched().await;
        for (person, index) in accounts {
            self.undo_entry(index).await;
            self.look_for_account(person, index).await;
            // The first account is that of the owner; somebody else looks right behind it.
            self.look_again(&watched).await;
        }
    }

    /// Identities with the entries of their accounts, in the order in which they were made.
    fn accounts(&self) -> Vec<(usize, usize)> {
        let of = |(index, person): (&usize, &Result<Person, String>)| Some((*index, person.as_ref().ok()?.entry?));
        self.people.iter().filter_map(of).collect()
    }

    /// Where the model does not know that an account deletes itself, its credential must no longer work.
    async fn look_for_account(&mut self, person: usize, entry: usize) {
        let Some(twin) = self.api.leaver().and_then(|leaver| self.api.twin_of_unknown(leaver)) else { return };
        let Ok(request) = self.request(twin, &Givens::new(), None, None, 0) else { return };
        let seen = self.send(Side::Direct, Role::Undo, &Caller::Person(person), request).await;
        if seen.is_ok_and(|(answer, _)| answer.is_success()) {
            let reason = "taking it away was answered with success, and its credential still works";
            self.settle(entry, None, State::Stays(reason.to_owned()));
        }
    }

    /// Objects of A that could not be taken away and that B sees: only then does it mean something that B no longer does.
    async fn watched(&mut self) -> Vec<Fixture> {
        let mut watched = Vec::new();
        for entry in self.staying() {
            let is_it = |one: &&Fixture| one.entry == Some(entry) && one.owner == 0;
            let Some(fixture) = self.fixtures.iter().find(is_it).cloned() else { continue };
            if matches!(self.seen_by_b(&fixture).await, Ok(Some(_))) {
                watched.push(fixture);
            }
        }
        watched
    }

    async fn look_again(&mut self, watched: &[Fixture]) {
        for fixture in watched {
            let Some(entry) = fixture.entry.filter(|entry| self.staying().contains(entry)) else { continue };
            if matches!(self.seen_by_b(fixture).await, Ok(None)) {
                self.settle(entry, None, State::Gone);
            }
        }
    }

    async fn seen_by_b(&mut self, fixture: &Fixture) -> Result<Option<Value>, Trouble> {
        let Fixture { object, key, above, .. } = fixture;
        self.look(Role::Undo, &Caller::Person(1), object, key, above).await
    }

    /// The names of the accounts that the run registered, by the letter of the identity.
    pub(crate) fn names(&self) -> Vec<(Arc<str>, String)> {
        let of = |(index, person): (&usize, &Result<Person, String>)| {
            Some((label(*index), person.as_ref().ok()?.name.clone()?))
        };
        self.people.iter().filter_map(of).collect()
    }
}
