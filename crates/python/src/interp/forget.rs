//! What an exploration made is forgotten after it, unless something that lasts may hold it: ten thousand plays of a request
//! would otherwise fill the memory with requests.

use super::Interp;

/// Where the heap and the scopes ended when an exploration began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lasting {
    heap: usize,
    scopes: usize,
    classes: usize,
    heap_left: usize,
    /// Whether something older was changed, and so may hold what is new.
    changed: bool,
}

impl Interp<'_> {
    /// Says that what is made from here on may be forgotten.
    pub(super) fn begin_to_forget(&mut self) -> Option<Lasting> {
        let lasting = Lasting {
            heap: self.heap.len(),
            scopes: self.scopes.len(),
            classes: self.classes.len(),
            heap_left: self.heap_left,
            changed: false,
        };
        self.lasting.replace(lasting)
    }

    /// Forgets what was made since.
    pub(super) fn forget(&mut self, outer: Option<Lasting>) {
        let inner = std::mem::replace(&mut self.lasting, outer);
        match inner {
            Some(lasting) if !lasting.changed => {
                self.answered.clear();
                self.heap.truncate(lasting.heap);
                self.scopes.truncate(lasting.scopes);
                self.classes.truncate(lasting.classes);
                self.heap_left = lasting.heap_left;
            }
            _ => self.keep_what_is_new(),
        }
    }

    /// Says that something outside of the heap holds on to what the exploration made.
    pub fn keep_what_is_new(&mut self) {
        if let Some(lasting) = &mut self.lasting {
            lasting.changed = true;
        }
    }

    /// Notes the change of an object.
    pub(super) fn object_changes(&mut self, index: usize) {
        if let Some(lasting) = &mut self.lasting {
            lasting.changed |= index < lasting.heap;
        }
    }

    /// Notes the change of a scope.
    pub(super) fn scope_changes(&mut self, index: usize) {
        if let Some(lasting) = &mut self.lasting {
            lasting.changed |= index < lasting.scopes;
        }
    }
}
