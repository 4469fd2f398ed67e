//! Reads an ONNX file and checks, before any engine sees it, that it is a graph this crate can feed.

use half::f16;
use tract_onnx::{
    pb::{self, tensor_proto::DataType, tensor_shape_proto::dimension::Value as Dim, type_proto::Value as TypeValue},
    prelude::Framework,
};

use crate::{BundleError, error::Fault};

/// One input of a graph and what is fed to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// `words`: f32 `[batch, seq, dim]`.
    Words { dim: usize },
    /// `mask`: f32 `[batch, seq]`.
    Mask,
    /// `input_ids`: i64 `[batch, seq]`.
    Ids,
    /// `attention_mask`: i64 `[batch, seq]`.
    AttentionMask,
    /// `token_type_ids`: i64 `[batch, seq]`, all zero.
    TokenTypes,
}

impl Wire {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Words { .. } => "words",
            Self::Mask => "mask",
            Self::Ids => "input_ids",
            Self::AttentionMask => "attention_mask",
            Self::TokenTypes => "token_type_ids",
        }
    }

    const fn element(self) -> DataType {
        match self {
            Self::Words { .. } | Self::Mask => DataType::Float,
            Self::Ids | Self::AttentionMask | Self::TokenTypes => DataType::Int64,
        }
    }

    fn shape(self) -> String {
        match self {
            Self::Words { dim } => format!("f32 [batch, seq, {dim}]"),
            Self::Mask => "f32 [batch, seq]".to_owned(),
            Self::Ids | Self::AttentionMask | Self::TokenTypes => "int64 [batch, seq]".to_owned(),
        }
    }
}

/// What a graph is fed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Feed {
    Words { dim: usize },
    Pieces,
}

impl Feed {
    fn required(self) -> Vec<Wire> {
        match self {
            Self::Words { dim } => vec![Wire::Words { dim }, Wire::Mask],
            Self::Pieces => vec![Wire::Ids, Wire::AttentionMask],
        }
    }

    fn optional(self) -> &'static [Wire] {
        match self {
            Self::Words { .. } => &[],
            Self::Pieces => &[Wire::TokenTypes],
        }
    }
}

/// A graph that has passed the checks, its weights in f32.
pub(crate) struct Graph {
    /// Name of the file, for errors.
    pub(crate) file: String,
    pub(crate) proto: pb::ModelProto,
    /// In the order of the graph.
    pub(crate) inputs: Vec<Wire>,
    /// Rows of the embedding that `input_ids` selects from, when the graph shows it.
    pub(crate) embedding_rows: Option<usize>,
}

impl Graph {
    /// Decodes and checks the bytes of an ONNX file.
    ///
    /// # Errors
    /// [`BundleError::Damaged`] when it does not decode, [`BundleError::Graph`] when it cannot be fed or run.
    pub(crate) fn read(file: &str, bytes: &[u8], feed: Feed) -> Result<Self, BundleError> {
        let onnx = tract_onnx::onnx();
        let mut proto = onnx.proto_model_for_read(&mut &*bytes).map_err(|error| {
            let fix = "copy the file again; it was probably cut short";
            BundleError::Damaged(Fault::new(
                file,
                format!("{} bytes that are no ONNX model ({error})", bytes.len()),
                "an ONNX model",
                fix,
            ))
        })?;
        let Some(graph) = proto.graph.as_mut() else {
            return Err(BundleError::Damaged(Fault::new(
                file,
                "a model without a graph",
                "an ONNX model",
                "copy the file again",
            )));
        };
        refuse_external_weights(file, graph)?;
        let mut unknown: Vec<&str> = graph.node.iter().map(|node| &*node.op_type).collect();
        unknown.retain(|op| !onnx.op_register.0.contains_key(*op));
        unknown.sort_unstable();
        unknown.dedup();
        if !unknown.is_empty() {
            return Err(BundleError::Graph(Fault::new(
                file,
                format!("operators that the engine does not have: {}", unknown.join(", ")),
                "standard ONNX operators",
                "export without fused or custom operators (no graph optimisation by the exporter)",
            )));
        }
        let inputs = check_inputs(file, graph, feed)?;
        check_output(file, graph)?;
        let embedding_rows = embedding_rows(graph);
        widen_weights(graph);
        Ok(Self { file: file.to_owned(), proto, inputs, embedding_rows })
    }
}

fn refuse_external_weights(file: &str, graph: &pb::GraphProto) -> Result<(), BundleError> {
    let external = pb::tensor_proto::DataLocation::External as i32;
    match graph.initializer.iter().find(|tensor| tensor.data_location == Some(external)) {
        None => Ok(()),
        Some(tensor) => Err(BundleError::Graph(Fault::new(
            file,
            format!("weights kept in another file ({})", tensor.name),
            "all weights inside the ONNX file",
            "save with external data switched off, so that one checksum covers the model",
        ))),
    }
}

fn check_inputs(file: &str, graph: &pb::GraphProto, feed: Feed) -> Result<Vec<Wire>, BundleError> {
    let is_weight = |name: &str| graph.initializer.iter().any(|tensor| tensor.name == name);
    let real: Vec<&pb::ValueInfoProto> = graph.input.iter().filter(|input| !is_weight(&input.name)).collect();
    let names: Vec<&str> = real.iter().map(|input| &*input.name).collect();
    let required = feed.required();
    let wrong = |found: String| {
        let expected: Vec<String> = required.iter().map(|wire| format!("{} {}", wire.name(), wire.shape())).collect();
        BundleError::Graph(Fault::new(
            file,
            found,
            format!("inputs {}", expected.join(" and ")),
            "name and shape the inputs so when exporting",
        ))
    };
    if let Some(absent) = required.iter().find(|wire| !names.contains(&wire.name())) {
        return Err(wrong(format!("no input {} (inputs: {})", absent.name(), names.join(", "))));
    }
    real.iter()
        .map(|input| {
            let known = required.iter().chain(feed.optional()).find(|wire| wire.name() == input.name);
            let wire = *known.ok_or_else(|| wrong(format!("an input {} that nothing is known to feed", input.name)))?;
            let (element, dims) =
                declared(input).ok_or_else(|| wrong(format!("input {} without a tensor type", input.name)))?;
            let rank_fits = dims.is_empty() || dims.len() == if matches!(wire, Wire::Words { .. }) { 3 } else { 2 };
            let dim_fits = match (wire, dims.last()) {
                (Wire::Words { dim }, Some(Some(last))) => *last == dim as i64,
                _ => true,
            };
            if element != wire.element() as i32 || !rank_fits || !dim_fits {
                let kind = DataType::try_from(element).map_or("unknown", |kind| kind.as_str_name());
                let dims: Vec<String> =
                    dims.iter().map(|dim| dim.map_or("?".to_owned(), |dim| dim.to_string())).collect();
                return Err(wrong(format!("input {} declared {kind} [{}]", input.name, dims.join(", "))));
            }
            Ok(wire)
        })
        .collect()
}

/// Element type and dimensions (`None` where symbolic) of an input.
fn declared(input: &pb::ValueInfoProto) -> Option<(i32, Vec<Option<i64>>)> {
    let TypeValue::TensorType(tensor) = input.r#type.as_ref()?.value.as_ref()?;
    let dims = tensor.shape.as_ref().map_or(Vec::new(), |shape| {
        let value = |dim: &pb::tensor_shape_proto::Dimension| match dim.value {
            Some(Dim::DimValue(value)) => Some(value),
            _ => None,
        };
        shape.dim.iter().map(value).collect()
    });
    Some((tensor.elem_type, dims))
}

fn check_output(file: &str, graph: &pb::GraphProto) -> Result<(), BundleError> {
    let names: Vec<&str> = graph.output.iter().map(|output| &*output.name).collect();
    if names == ["logits"] {
        return Ok(());
    }
    Err(BundleError::Graph(Fault::new(
        file,
        format!("outputs {}", names.join(", ")),
        "one output, logits f32 [batch, outputs]",
        "export the raw logits under that name, without a sigmoid or softmax after them",
    )))
}

/// Rows of the smallest table that `input_ids`, perhaps through a Cast, selects from.
fn embedding_rows(graph: &pb::GraphProto) -> Option<usize> {
    let mut ids = vec!["input_ids"];
    ids.extend(
        graph
            .node
            .iter()
            .filter(|n| n.op_type == "Cast" && n.input.iter().any(|i| i == "input_ids"))
            .flat_map(|n| n.output.iter().map(|o| &**o)),
    );
    // A table stored as f16 stands behind a Cast of its own.
    let stored = |name: &str| {
        let cast = graph.node.iter().find(|n| n.op_type == "Cast" && n.output.iter().any(|o| o == name));
        let name = cast.and_then(|n| n.input.first()).map_or(name, |input| &**input);
        graph.initializer.iter().find(|tensor| tensor.name == name)
    };
    let gathers =
        graph.node.iter().filter(|n| n.op_type == "Gather" && n.input.get(1).is_some_and(|i| ids.contains(&&**i)));
    gathers.filter_map(|n| stored(n.input.first()?)?.dims.first().and_then(|rows| usize::try_from(*rows).ok())).min()
}

/// Turns weights that are stored as f16 and cast to f32 into f32 weights. tract keeps them f16 and casts at every run, which costs
/// a third of the speed; the numbers are the same.
fn widen_weights(graph: &mut pb::GraphProto) {
    let casts_to_f32 = |node: &pb::NodeProto| {
        node.op_type == "Cast"
            && node.attribute.iter().any(|a| a.name == "to" && a.i == i64::from(DataType::Float as i32))
    };
    let mut renamed: Vec<(String, String)> = Vec::new();
    for tensor in &mut graph.initializer {
        let readers = || graph.node.iter().filter(|node| node.input.contains(&tensor.name));
        if tensor.data_type != DataType::Float16 as i32 || !readers().all(casts_to_f32) {
            continue;
        }
        renamed.extend(readers().flat_map(|node| node.output.iter().map(|out| (out.clone(), tensor.name.clone()))));
        widen(tensor);
    }
    graph.node.retain(|node| !node.output.iter().any(|out| renamed.iter().any(|(cast, _)| cast == out)));
    for input in graph.node.iter_mut().flat_map(|node| &mut node.input) {
        if let Some((_, weight)) = renamed.iter().find(|(cast, _)| cast == input) {
            input.clone_from(weight);
        }
    }
}

fn widen(tensor: &mut pb::TensorProto) {
    let values: Vec<f32> = if tensor.raw_data.is_empty() {
        tensor.int32_data.iter().map(|bits| f16::from_bits(*bits as u16).to_f32()).collect()
    } else {
        tensor.raw_data.chunks_exact(2).map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32()).collect()
    };
    tensor.raw_data = Vec::new();
    tensor.int32_data = Vec::new();
    tensor.float_data = values;
    tensor.data_type = DataType::Float as i32;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bundle: &str) -> Graph {
        let path = format!("{}/tests/fixtures/{bundle}/model.onnx", env!("CARGO_MANIFEST_DIR"));
        Graph::read("model.onnx", &std::fs::read(path).unwrap(), Feed::Pieces).unwrap()
    }

    #[test]
    fn weights_stored_as_f16_are_widened_and_their_casts_are_gone() {
        let graph = read("pieces-f16").proto.graph.unwrap();
        assert!(graph.initializer.iter().all(|tensor| tensor.data_type != DataType::Float16 as i32));
        let is_input = |name: &str| graph.input.iter().any(|input| input.name == name);
        assert!(graph.node.iter().filter(|node| node.op_type == "Cast").all(|node| is_input(&node.input[0])));
    }

    #[test]
    fn the_embedding_is_found_behind_a_cast_too() {
        let rows = read("pieces").embedding_rows;
        assert!(rows.is_some());
        assert_eq!(read("pieces-f16").embedding_rows, rows);
        assert_eq!(read("hf").embedding_rows, rows);
    }
}
