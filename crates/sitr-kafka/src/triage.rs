//! What an error of a transaction asks for.

use rdkafka::{
    error::{KafkaError as Native, RDKafkaErrorCode as Code},
    types::RDKafkaErrorCode,
};

/// Exactly one of these, for every error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Triage {
    /// The same call again, with the same arguments.
    Retry,
    /// Abort the transaction and make the records again.
    Abort(String),
    /// Another has our identity.
    Fenced(String),
    /// Nothing can be saved with this producer.
    Fatal(String),
}

/// Codes that say that another instance uses our `transactional.id`.
const FENCED: [RDKafkaErrorCode; 4] =
    [Code::Fenced, Code::ProducerFenced, Code::InvalidProducerEpoch, Code::FencedInstanceId];

/// "Treat any error that has neither [retriable nor abortable] as fatal" (librdkafka, INTRODUCTION).
pub(crate) fn triage(error: &Native, fatal: Option<RDKafkaErrorCode>) -> Triage {
    let why = error.to_string();
    if fatal.is_some_and(|code| FENCED.contains(&code)) {
        return Triage::Fenced(why);
    }
    match error {
        Native::Transaction(inner) if inner.is_fatal() => {
            if FENCED.contains(&inner.code()) {
                Triage::Fenced(why)
            } else {
                Triage::Fatal(why)
            }
        }
        Native::Transaction(inner) if inner.txn_requires_abort() => Triage::Abort(why),
        Native::Transaction(inner) if inner.is_retriable() => Triage::Retry,
        Native::MessageProduction(Code::QueueFull) => Triage::Retry,
        // A record is refused while the transaction is broken: the abort tells more.
        Native::MessageProduction(code) if fatal.is_none() && *code != Code::Fatal => Triage::Abort(why),
        Native::Flush(Code::MessageTimedOut | Code::OperationTimedOut) => Triage::Retry,
        _ => Triage::Fatal(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_is_retried_and_a_refused_record_aborts() {
        assert_eq!(triage(&Native::MessageProduction(Code::QueueFull), None), Triage::Retry);
        assert!(matches!(triage(&Native::MessageProduction(Code::MessageSizeTooLarge), None), Triage::Abort(_)));
    }

    #[test]
    fn what_is_unclassed_is_fatal_and_a_fenced_client_is_fenced_whatever_the_error_says() {
        assert!(matches!(triage(&Native::Canceled, None), Triage::Fatal(_)));
        assert!(matches!(triage(&Native::Canceled, Some(Code::Fenced)), Triage::Fenced(_)));
    }
}
