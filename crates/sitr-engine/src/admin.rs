//! Admin HTTP: `/metrics`, `/livez`, `/readyz`, `/version`. On a thread of its own, so that a probe never waits for a model.

use std::{net::SocketAddr, sync::Arc, thread::JoinHandle};

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;
use sitr_telemetry::Metrics;
use sitr_types::{ModelRef, PolicyRef};
use tokio::sync::oneshot;

use crate::health::Health;

/// What `/version` says.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Version {
    pub(crate) version: &'static str,
    pub(crate) model: ModelRef,
    pub(crate) policy: PolicyRef,
}

#[derive(Clone)]
struct Shared {
    health: Arc<Health>,
    metrics: Metrics,
    version: Arc<Version>,
}

/// The running server.
pub(crate) struct Admin {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Admin {
    /// Binds and starts the thread `sitr-admin`. Port 0 takes a free one.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub(crate) fn start(
        listen: SocketAddr,
        health: Arc<Health>,
        metrics: Metrics,
        version: Version,
    ) -> std::io::Result<Self> {
        let listener = std::net::TcpListener::bind(listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let shared = Shared { health, metrics, version: Arc::new(version) };
        let app = Router::new()
            .route("/metrics", get(metrics_page))
            .route("/livez", get(livez))
            .route("/readyz", get(readyz))
            .route("/version", get(version_page))
            .with_state(shared);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("sitr-admin".to_owned()).spawn(move || {
            runtime.block_on(async move {
                let listener = match tokio::net::TcpListener::from_std(listener) {
                    Ok(listener) => listener,
                    Err(error) => return tracing::error!(%error, "the admin listener failed"),
                };
                let until = async {
                    // An error means that the sender is gone: the instance ends as well.
                    let _ = stopped.await;
                };
                if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(until).await {
                    tracing::error!(%error, "the admin server failed");
                }
            });
        })?;
        Ok(Self { address, stop, thread })
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops and waits.
    pub(crate) fn stop(self) {
        // An error means that the server has ended by itself.
        let _ = self.stop.send(());
        if self.thread.join().is_err() {
            tracing::error!("the admin thread panicked");
        }
    }
}

async fn metrics_page(State(shared): State<Shared>) -> Response {
    shared.metrics.uptime_seconds.set(shared.health.uptime().as_secs_f64());
    shared.metrics.ready.set(i64::from(shared.health.ready().is_ok()));
    match shared.metrics.encode() {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn livez(State(shared): State<Shared>) -> Response {
    probe(shared.health.alive())
}

async fn readyz(State(shared): State<Shared>) -> Response {
    probe(shared.health.ready())
}

async fn version_page(State(shared): State<Shared>) -> Json<Version> {
    Json(Version::clone(&shared.version))
}

fn probe(result: Result<(), &'static str>) -> Response {
    match result {
        Ok(()) => (StatusCode::OK, "ok\n").into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}
