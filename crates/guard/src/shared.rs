//! Locks and counters that workers share. In the tests that `shuttle` plays they are its own, so that it can change the order in
//! which threads meet there.

#[cfg(not(all(test, feature = "shuttle")))]
pub(crate) use std::sync::Mutex;
#[cfg(not(all(test, feature = "shuttle")))]
pub(crate) use std::sync::atomic::AtomicU64;

#[cfg(all(test, feature = "shuttle"))]
pub(crate) use shuttle::sync::Mutex;
#[cfg(all(test, feature = "shuttle"))]
pub(crate) use shuttle::sync::atomic::AtomicU64;

#[cfg(all(test, feature = "shuttle"))]
mod tests {
    use std::net::IpAddr;
    use std::sync::Arc;

    use policy::Policy;
    use shuttle::thread;

    use crate::entrance::Entrance;
    use crate::worker::Counting;

    /// How many orders are tried.
    const ORDERS: usize = 2000;

    #[test]
    fn an_address_never_holds_more_than_its_bound_in_any_order() {
        let text = "version = 1\n[listen]\naddress = \"127.0.0.1:1\"\nconnections = { per_address = 2 }\n";
        let entrance = Arc::new(Entrance::of(Some(&Policy::parse(text).unwrap())));
        shuttle::check_random(
            move || {
                let (holders, held) = (Arc::default(), Arc::new(shuttle::sync::Mutex::new(0_u32)));
                let workers: Vec<_> = (0..4)
                    .map(|_| {
                        let (entrance, holders, held) = (entrance.clone(), Arc::clone(&holders), held.clone());
                        thread::spawn(move || {
                            let Some(place) = entrance.admit(IpAddr::from([192, 0, 2, 1]), &holders) else { return };
                            let now = {
                                let mut held = held.lock().unwrap();
                                *held += 1;
                                *held
                            };
                            assert!(now <= 2, "{now} connections at once");
                            thread::yield_now();
                            *held.lock().unwrap() -= 1;
                            drop(place);
                        })
                    })
                    .collect();
                for worker in workers {
                    worker.join().unwrap();
                }
                // Who gave all back holds nothing: as many as the bound find a place again.
                let again: Vec<_> = (0..3).map(|_| entrance.admit(IpAddr::from([192, 0, 2, 1]), &holders)).collect();
                assert_eq!(again.iter().filter(|place| place.is_some()).count(), 2);
            },
            ORDERS,
        );
    }

    #[test]
    fn no_more_connections_are_open_than_there_are_in_any_order() {
        shuttle::check_random(
            || {
                let counting = Arc::new(Counting::new());
                let workers: Vec<_> = (0..3)
                    .map(|_| {
                        let counting = counting.clone();
                        thread::spawn(move || drop(counting.connected()))
                    })
                    .collect();
                let read = counting.read();
                assert!(read.connections_open <= read.connections && read.connections <= 3, "{read:?}");
                for worker in workers {
                    worker.join().unwrap();
                }
                let read = counting.read();
                assert_eq!((read.connections, read.connections_open), (3, 0));
            },
            ORDERS,
        );
    }
}
