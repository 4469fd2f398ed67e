//! What an instance needs to run.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use sitr_delivery::DeliverySettings;
use sitr_kafka::{Delivery, KafkaSettings};
use sitr_types::Route;

use crate::Stage;

/// Settings of one instance, validated by whoever read them.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// How to reach the log.
    pub kafka: KafkaSettings,
    /// Names of the topics.
    pub topics: Topics,
    /// Which stages to run.
    pub stage: Stage,
    /// Inference threads, at least one.
    pub workers: usize,
    /// What a commit means.
    pub delivery: Delivery,
    /// How much may be under way.
    pub limits: DeliverySettings,
    /// Where the admin pages listen; `None` = nowhere.
    pub admin: Option<SocketAddr>,
    /// A drain that takes longer is cut short: what is in flight will be read again.
    pub drain_timeout: Duration,
    /// A partition that lags and is not committed for so long makes the instance unready; after twice as long it gives up.
    pub stall_timeout: Duration,
}

/// Names of the topics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topics {
    /// Posts in.
    pub posts: String,
    /// Between the stages.
    pub signals: String,
    /// Users' reports in.
    pub reports: String,
    /// People's decisions in.
    pub outcomes: String,
    /// Flags: act now.
    pub takedown: String,
    /// Flags: a person decides.
    pub review: String,
    /// A victim asks for help.
    pub care: String,
    /// Records that could not be judged.
    pub dead_letter: String,
    /// Hash-chained manifest.
    pub audit: String,
    /// State of the windows.
    pub changelog: String,
}

impl Default for Topics {
    fn default() -> Self {
        let name = |stream: &str| format!("sitr.{stream}");
        Self {
            posts: name("posts"),
            signals: name("signals"),
            reports: name("reports"),
            outcomes: name("outcomes"),
            takedown: name("takedown"),
            review: name("review"),
            care: name("care"),
            dead_letter: name("dead-letter"),
            audit: name("audit"),
            changelog: name("changelog"),
        }
    }
}

impl Topics {
    /// Key in the configuration and name of each topic.
    #[must_use]
    pub fn all(&self) -> [(&'static str, &str); 10] {
        [
            ("posts", &self.posts),
            ("signals", &self.signals),
            ("reports", &self.reports),
            ("outcomes", &self.outcomes),
            ("takedown", &self.takedown),
            ("review", &self.review),
            ("care", &self.care),
            ("dead_letter", &self.dead_letter),
            ("audit", &self.audit),
            ("changelog", &self.changelog),
        ]
    }

    /// The topic of a stream.
    #[must_use]
    pub fn of(&self, route: Route) -> &str {
        match route {
            Route::Posts => &self.posts,
            Route::Signals => &self.signals,
            Route::Takedown => &self.takedown,
            Route::Review => &self.review,
            Route::Care => &self.care,
            Route::DeadLetter => &self.dead_letter,
        }
    }
}

/// Topic names by route, shared so that a record costs no string.
#[derive(Clone)]
pub(crate) struct Names([Arc<str>; 6]);

impl Names {
    pub(crate) fn new(topics: &Topics) -> Self {
        use Route as R;
        Self(
            [R::Posts, R::Signals, R::Takedown, R::Review, R::Care, R::DeadLetter].map(|route| topics.of(route).into()),
        )
    }

    pub(crate) fn of(&self, route: Route) -> Arc<str> {
        Arc::clone(&self.0[route as usize])
    }
}
