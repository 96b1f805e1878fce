//! The end of a run: what it made is taken away in reverse. An object that cannot be taken away by itself often goes with its
//! owner's account; whether it did is looked at, and not taken for granted.

use std::sync::Arc;

use model::{ParameterRef, Place};

use crate::calls::Givens;
use crate::evidence::{Role, Side};
use crate::fixture::Fixture;
use crate::journal::State;
use crate::request::Request;
use crate::run::{Caller, Run, label};

impl Run<'_> {
    /// Takes away what was made, the identities last, and of those the first before the others: they can still look.
    pub(crate) async fn clean_up(&mut self) {
        let accounts = self.accounts();
        let others: Vec<usize> = (0..self.entries()).rev().filter(|index| !accounts.contains(index)).collect();
        for index in others {
            self.undo_entry(index).await;
        }
        let watched = self.watched().await;
        for index in accounts {
            self.undo_entry(index).await;
            // The first account is that of the owner; somebody else looks right behind it.
            self.look_again(&watched).await;
        }
    }

    /// The entries of accounts, in the order in which they were made.
    fn accounts(&self) -> Vec<usize> {
        self.people.iter().flatten().filter_map(|person| person.entry).collect()
    }

    /// Objects of A that could not be taken away and that B can read: only then does it mean something that B no longer can.
    async fn watched(&mut self) -> Vec<(usize, Request)> {
        let mut watched = Vec::new();
        for entry in self.staying() {
            let is_it = |one: &&Fixture| one.entry == Some(entry) && one.owner == 0;
            let Some(fixture) = self.fixtures.iter().find(is_it).cloned() else { continue };
            let Some(request) = self.sight_of(&fixture) else { continue };
            let seen = self.send(Side::Direct, Role::Undo, &Caller::Person(1), request.clone()).await;
            if seen.is_ok_and(|(answer, _)| answer.is_success()) {
                watched.push((entry, request));
            }
        }
        watched
    }

    fn sight_of(&mut self, fixture: &Fixture) -> Option<Request> {
        let reader = self.api.reader(&fixture.object)?;
        let mut givens = Givens::new();
        for parameter in reader.route.pattern().parameters() {
            givens.insert(ParameterRef::new(Place::Path, Arc::clone(&parameter.name)), fixture.key.clone().into());
        }
        self.request(reader, &givens, None, None, 0).ok()
    }

    async fn look_again(&mut self, watched: &[(usize, Request)]) {
        for (entry, request) in watched {
            if !self.staying().contains(entry) {
                continue;
            }
            let seen = self.send(Side::Direct, Role::Undo, &Caller::Person(1), request.clone()).await;
            if seen.is_ok_and(|(answer, _)| answer.hides()) {
                self.settle(*entry, None, State::Gone);
            }
        }
    }

    /// The names of the accounts that the run registered, by the letter of the identity.
    pub(crate) fn names(&self) -> Vec<(Arc<str>, String)> {
        let people = self.people.iter().enumerate();
        people.filter_map(|(index, person)| Some((label(index), person.as_ref().ok()?.name.clone()?))).collect()
    }
}
