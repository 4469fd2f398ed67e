//! The engine: tract, one plan for every batch size and length.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use tract_onnx::{
    prelude::*,
    tract_core::ops::{cast::Cast, konst::Const},
};

use crate::{
    BundleError, ModelError,
    batch::{Batch, BatchInput, Classifier, Matrix},
    error::Fault,
    graph::{Graph, Wire},
};

/// An optimised plan, shared by all threads; every run has its own state.
pub(crate) struct TractClassifier {
    plan: Arc<TypedSimplePlan>,
    inputs: Vec<Wire>,
}

/// What the optimised plan still holds of half-precision weights; both zero in a plan that is served.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Audit {
    pub(crate) half_tensors: usize,
    pub(crate) weight_casts: usize,
}

impl TractClassifier {
    /// Builds the plan.
    ///
    /// # Errors
    /// [`BundleError::Graph`] with tract's message, which names the operator or node.
    pub(crate) fn load(graph: &Graph) -> Result<Self, BundleError> {
        // tract may panic on a malformed graph; a loader must answer with an error.
        let typed = catch_unwind(AssertUnwindSafe(|| optimise(graph)))
            .map_err(|panic| refused(graph, &panic_message(panic.as_ref())))?
            .map_err(|error| refused(graph, &chain(&error)))?;
        let audit = audit(&typed).map_err(|error| refused(graph, &chain(&error)))?;
        if audit != Audit::default() {
            return Err(BundleError::Graph(Fault::new(
                &graph.file,
                format!(
                    "{} f16 tensors and {} casts of weights after optimisation",
                    audit.half_tensors, audit.weight_casts
                ),
                "f16 only as stored weights, each read through one Cast to f32",
                "export with f32 activations; f16 arithmetic is slower and overflows in masks",
            )));
        }
        let plan = typed.into_runnable().map_err(|error| refused(graph, &chain(&error)))?;
        Ok(Self { plan, inputs: graph.inputs.clone() })
    }

    fn evaluate(&self, batch: &Batch) -> TractResult<Matrix> {
        let inputs =
            self.inputs.iter().map(|wire| tensor(*wire, batch).map(TValue::from)).collect::<TractResult<_>>()?;
        let outputs = self.plan.run(inputs)?;
        let logits = outputs[0].cast_to::<f32>()?;
        let columns = match logits.shape() {
            [rows, columns] if *rows == batch.rows => *columns,
            shape => {
                return Err(TractError::msg(format!(
                    "output logits has shape {shape:?}, not [{}, columns]",
                    batch.rows
                )));
            }
        };
        Ok(Matrix { columns, values: logits.try_as_plain_ram()?.as_slice::<f32>()?.to_vec() })
    }
}

impl Classifier for TractClassifier {
    fn run(&self, batch: &Batch) -> Result<Matrix, ModelError> {
        // A panic inside the engine is the fault of this batch, not of the worker that runs it: the plan is immutable and the
        // state of the run is dropped, so nothing broken survives.
        match catch_unwind(AssertUnwindSafe(|| self.evaluate(batch))) {
            Ok(Ok(matrix)) => Ok(matrix),
            // Only the outermost context, which names the node: causes and panic messages may print what the tensors hold.
            Ok(Err(error)) => Err(ModelError::Engine(clip(&error.to_string()))),
            Err(_) => Err(ModelError::Engine("it panicked".to_owned())),
        }
    }
}

fn optimise(graph: &Graph) -> TractResult<TypedModel> {
    // Shapes that exporters and quantisers leave behind often contradict the graph; inference finds the true ones.
    let onnx =
        tract_onnx::onnx().with_ignore_value_info(true).with_ignore_output_shapes(true).with_ignore_output_types(true);
    let mut model = onnx.model_for_proto_model(&graph.proto)?;
    // Both symbols come from the model's own scope: of a fresh scope they would be other symbols, and fail at run time.
    let (batch, seq) = (model.symbols.sym("batch").to_dim(), model.symbols.sym("seq").to_dim());
    let outlets = model.input_outlets()?.to_vec();
    for (index, outlet) in outlets.iter().enumerate() {
        let name = &model.node(outlet.node).name;
        let wire = graph.inputs.iter().find(|wire| wire.name() == name);
        let fact = match wire.ok_or_else(|| TractError::msg(format!("input {name} is not known")))? {
            Wire::Words { dim } => {
                InferenceFact::dt_shape(f32::datum_type(), [batch.clone(), seq.clone(), dim.to_dim()])
            }
            Wire::Mask => InferenceFact::dt_shape(f32::datum_type(), [batch.clone(), seq.clone()]),
            Wire::Ids | Wire::AttentionMask | Wire::TokenTypes => {
                InferenceFact::dt_shape(i64::datum_type(), [batch.clone(), seq.clone()])
            }
        };
        model.set_input_fact(index, fact)?;
    }
    model.into_optimized()
}

fn audit(model: &TypedModel) -> TractResult<Audit> {
    let mut audit = Audit::default();
    for node in model.nodes() {
        audit.half_tensors += node.outputs.iter().filter(|out| out.fact.datum_type == f16::datum_type()).count();
        // Of floats only: a plan may cast its own symbols, such as the batch size that a mean divides by.
        let of_weights = |input: &OutletId| {
            let node = model.node(input.node);
            node.op_is::<Const>() && node.outputs[input.slot].fact.datum_type.is_float()
        };
        audit.weight_casts += usize::from(node.op_is::<Cast>() && node.inputs.iter().any(of_weights));
    }
    Ok(audit)
}

fn tensor(wire: Wire, batch: &Batch) -> TractResult<Tensor> {
    let shape = [batch.rows, batch.len];
    match (wire, &batch.input) {
        (Wire::Words { dim }, BatchInput::Words { values, .. }) => {
            Tensor::from_shape(&[batch.rows, batch.len, dim], values)
        }
        (Wire::Mask, _) => Tensor::from_shape(&shape, &batch.mask),
        (Wire::Ids, BatchInput::Pieces(ids)) => Tensor::from_shape(&shape, ids),
        (Wire::AttentionMask, _) => {
            let mask: Vec<i64> = batch.mask.iter().map(|bit| i64::from(*bit > 0.5)).collect();
            Tensor::from_shape(&shape, &mask)
        }
        (Wire::TokenTypes, _) => Tensor::zero::<i64>(&shape),
        (Wire::Words { .. } | Wire::Ids, _) => Err(TractError::msg("the batch is of another kind than the graph")),
    }
}

fn refused(graph: &Graph, message: &str) -> BundleError {
    let fix = "export with plain operators and the symbolic axes batch and seq";
    BundleError::Graph(Fault::new(&graph.file, message, "a graph that the engine can optimise", fix))
}

/// An error of loading with its causes, cut to a line.
fn chain(error: &TractError) -> String {
    clip(&format!("{error:#}"))
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    clip(&format!("panic: {}", said.unwrap_or("without a message")))
}

fn clip(message: &str) -> String {
    const MOST_CHARS: usize = 300;
    message.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MOST_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Feed;

    fn graph(bundle: &str, feed: Feed) -> Graph {
        let path = format!("{}/tests/fixtures/{bundle}/model.onnx", env!("CARGO_MANIFEST_DIR"));
        Graph::read("model.onnx", &std::fs::read(path).unwrap(), feed).unwrap()
    }

    #[test]
    fn an_id_without_a_row_is_an_error_of_its_batch_and_the_plan_stays_usable() {
        let engine = TractClassifier::load(&graph("pieces", Feed::Pieces)).unwrap();
        let batch = |id| Batch { rows: 1, len: 4, mask: vec![1.0; 4], input: BatchInput::Pieces(vec![0, id, 5, 2]) };
        let before = engine.run(&batch(4)).unwrap();
        let error = engine.run(&batch(1_000_000)).unwrap_err();
        assert!(matches!(&error, ModelError::Engine(said) if !said.contains("1000000")), "{error}");
        assert_eq!(engine.run(&batch(4)).unwrap(), before);
    }

    #[test]
    fn the_optimised_plan_of_f16_weights_holds_no_f16_and_casts_no_weights() {
        for (bundle, feed) in [("ngrams-f16", Feed::Words { dim: 16 }), ("pieces-f16", Feed::Pieces)] {
            let typed = optimise(&graph(bundle, feed)).unwrap();
            assert_eq!(audit(&typed).unwrap(), Audit::default());
            assert!(typed.nodes().iter().any(|node| node.op_is::<Const>()), "the audit would see nothing");
        }
    }

    #[test]
    fn a_batch_of_another_kind_is_an_error() {
        let engine = TractClassifier::load(&graph("ngrams", Feed::Words { dim: 16 })).unwrap();
        let batch = Batch { rows: 1, len: 2, mask: vec![1.0; 2], input: BatchInput::Pieces(vec![1, 2]) };
        assert!(engine.run(&batch).is_err());
    }
}
