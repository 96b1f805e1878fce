//! How one worker serves: by the generation that counts when an exchange begins. Looking costs one load; only after a reload
//! is anything built.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use arc_swap::{ArcSwap, Cache};

use crate::dates::Dates;
use crate::generation::{Current, Generation};
use crate::pipeline::Pipeline;
use crate::quota::Quotas;
use crate::record::Records;
use crate::site::Site;
use crate::tls::Tls;
use crate::worker::{Clock, Connected, Counting, Ids, Subjects, Worker};

/// The layers of a generation, and what they work with.
pub(crate) struct Serving {
    generation: Arc<Generation>,
    pub(crate) pipeline: Pipeline,
    pub(crate) worker: Rc<Worker>,
}

/// Where a worker finds what it serves by.
pub(crate) struct Workplace {
    seen: RefCell<Cache<Arc<ArcSwap<Generation>>, Arc<Generation>>>,
    serving: RefCell<Rc<Serving>>,
}

impl Workplace {
    /// The place of a worker, serving by the generation that counts now.
    pub(crate) fn new(
        current: Current,
        counters: Arc<Counting>,
        records: Records,
        quotas: Arc<Quotas>,
        clock: Clock,
        index: usize,
        workers: usize,
    ) -> Self {
        let mut seen = Cache::new(current);
        let generation = seen.load().clone();
        let ids = Rc::new(Ids::of_worker(index, clock()));
        let worker = Worker {
            site: generation.site.clone(),
            series: generation.series.clone(),
            relays: generation.upstreams.relays(workers),
            upstreams: generation.upstreams.clone(),
            counters,
            records,
            subjects: Rc::new(RefCell::new(Subjects::default())),
            quotas,
            clock,
            ids,
            dates: Dates::default(),
        };
        let serving = Rc::new(Serving::new(generation, worker));
        Self { seen: RefCell::new(seen), serving: RefCell::new(serving) }
    }

    /// A client connected.
    pub(crate) fn connected(&self) -> Connected {
        self.serving.borrow().worker.counters.connected()
    }

    /// No connection could be accepted.
    pub(crate) fn accept_paused(&self) {
        self.serving.borrow().worker.counters.accept_paused();
    }

    /// What a client that connects now meets first.
    pub(crate) fn site(&self) -> Arc<Site> {
        self.seen.borrow_mut().load().site.clone()
    }

    /// How a client that connects now is spoken to.
    pub(crate) fn tls(&self) -> Option<Tls> {
        self.seen.borrow_mut().load().tls.clone()
    }

    /// What an exchange that begins now is served by, to its end.
    pub(crate) fn serving(&self) -> Rc<Serving> {
        let mut seen = self.seen.borrow_mut();
        let generation = seen.load();
        let mut serving = self.serving.borrow_mut();
        if !Arc::ptr_eq(&serving.generation, generation) {
            let next = serving.succeeded_by(generation);
            *serving = Rc::new(next);
        }
        serving.clone()
    }
}

impl Serving {
    fn new(generation: Arc<Generation>, worker: Worker) -> Self {
        Self { pipeline: Pipeline::new(&generation.site), worker: Rc::new(worker), generation }
    }

    /// The next generation, with what of this one stays true: connections to the same application, subjects that the same
    /// question looked up.
    fn succeeded_by(&self, next: &Arc<Generation>) -> Self {
        let (old, worker) = (&self.generation, &self.worker);
        let relays = next.upstreams.relays_behind(&old.upstreams, &worker.relays);
        let subjects = match old.looks_up_as(next) {
            true => worker.subjects.clone(),
            false => Rc::default(),
        };
        let worker = Worker {
            site: next.site.clone(),
            series: next.series.clone(),
            relays,
            upstreams: next.upstreams.clone(),
            counters: worker.counters.clone(),
            records: worker.records.clone(),
            subjects,
            quotas: worker.quotas.clone(),
            clock: worker.clock.clone(),
            ids: worker.ids.clone(),
            dates: Dates::default(),
        };
        Self::new(next.clone(), worker)
    }
}
