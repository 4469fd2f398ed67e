"""The network as an ONNX graph of plain operators, written op by op: no tracer, no leftover shapes, symbolic batch and words."""
import numpy as np
import onnx
from onnx import TensorProto as T, helper, numpy_helper


class Graph:
    def __init__(self):
        self.nodes, self.inits, self.count = [], [], 0

    def const(self, name, value):
        """Weights of rank 2 and more are kept as f16 and cast once; the loader folds them back to f32."""
        value = np.ascontiguousarray(value)
        if value.dtype == np.float32 and value.ndim >= 2:
            self.inits.append(numpy_helper.from_array(value.astype(np.float16), name + ".f16"))
            self.nodes.append(helper.make_node("Cast", [name + ".f16"], [name], name=f"cast_{name}", to=T.FLOAT))
        else:
            self.inits.append(numpy_helper.from_array(value, name))
        return name

    def op(self, kind, inputs, out=None, **attributes):
        self.count += 1
        out = out or f"t{self.count}"
        self.nodes.append(helper.make_node(kind, inputs, [out], name=f"n{self.count}_{kind}", **attributes))
        return out


def build(state, layers, dim, outputs):
    """`state`: float32 arrays by parameter name. Inputs `words` [batch, seq, dim], `mask` [batch, seq]; output `logits`."""
    g, heads = Graph(), max(1, dim // 32)
    width = dim // heads
    w = lambda name: state[name].astype(np.float32)
    ints = lambda name, v: g.const(name, np.array(v, np.int64))
    norm = lambda x, name: g.op("LayerNormalization", [x, g.const(name + ".weight", w(name + ".weight")), g.const(name + ".bias", w(name + ".bias"))], axis=-1, epsilon=1e-5)
    linear = lambda x, name, weight, bias: g.op("Add", [g.op("MatMul", [x, g.const(name + ".w", weight.T)]), g.const(name + ".b", bias)])
    zero, one, two = ints("zero", [0]), ints("one", [1]), ints("two", [2])
    last, axis1, merge = ints("last", [-1]), ints("axis1", [1]), ints("merge", [0, 0, dim])
    split, parts3 = ints("split", [0, 0, heads, width]), ints("parts3", [dim, dim, dim])
    seq = g.op("Slice", [g.op("Shape", ["words"]), one, two, zero])
    pos = g.op("Slice", [g.const("pos", w("pos.weight")), zero, seq, zero])
    x = norm(g.op("Add", ["words", pos]), "norm")
    hide = g.op("Mul", [g.op("Sub", [g.const("onef", np.float32(1)), "mask"]), g.const("minus", np.float32(-1e4))])
    bias = g.op("Unsqueeze", [hide, ints("axes12", [1, 2])])
    for n in range(layers):
        p = f"layers.{n}"
        qkv_w, qkv_b = w(p + ".qkv.weight").copy(), w(p + ".qkv.bias").copy()
        qkv_w[:dim] *= np.float32(width ** -0.5)        # the attention's scale, folded into the queries
        qkv_b[:dim] *= np.float32(width ** -0.5)
        names = [f"q{n}", f"k{n}", f"v{n}"]
        g.nodes.append(helper.make_node("Split", [linear(norm(x, p + ".norm1"), p + ".qkv", qkv_w, qkv_b), parts3], names, name=f"split{n}", axis=-1))
        q, k, v = (g.op("Transpose", [g.op("Reshape", [name, split])], perm=perm) for name, perm in zip(names, ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])))
        a = g.op("Softmax", [g.op("Add", [g.op("MatMul", [q, k]), bias])], axis=-1)
        a = g.op("Reshape", [g.op("Transpose", [g.op("MatMul", [a, v])], perm=[0, 2, 1, 3]), merge])
        x = g.op("Add", [x, linear(a, p + ".out", w(p + ".out.weight"), w(p + ".out.bias"))])
        h = linear(norm(x, p + ".norm2"), p + ".up", w(p + ".up.weight"), w(p + ".up.bias"))
        e = g.op("Erf", [g.op("Mul", [h, g.const(f"gelu{n}", np.float32(2 ** -0.5))])])
        h = g.op("Mul", [g.op("Mul", [h, g.op("Add", [e, g.const(f"gone{n}", np.float32(1))])]), g.const(f"half{n}", np.float32(0.5))])
        x = g.op("Add", [x, linear(h, p + ".down", w(p + ".down.weight"), w(p + ".down.bias"))])
    score = g.op("Squeeze", [linear(x, "attend", w("attend.weight"), w("attend.bias")), last])
    weight = g.op("Unsqueeze", [g.op("Softmax", [g.op("Add", [score, hide])], axis=-1), last])
    attended = g.op("ReduceSum", [g.op("Mul", [x, weight]), axis1], keepdims=0)
    count = g.op("ReduceSum", ["mask", axis1], keepdims=1)
    mean = g.op("Div", [g.op("ReduceSum", [g.op("Mul", [x, g.op("Unsqueeze", ["mask", last])]), axis1], keepdims=0), count])
    y = norm(g.op("Concat", [attended, mean], axis=-1), "final")
    g.op("Add", [g.op("MatMul", [y, g.const("head.w", w("head.weight")[:outputs].T)]), g.const("head.b", w("head.bias")[:outputs])], out="logits")
    shape = helper.make_tensor_value_info
    graph = helper.make_graph(g.nodes, "sitr", [shape("words", T.FLOAT, ["batch", "seq", dim]), shape("mask", T.FLOAT, ["batch", "seq"])],
                              [shape("logits", T.FLOAT, ["batch", outputs])], initializer=g.inits)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9, producer_name="sitr")
    onnx.checker.check_model(model, full_check=True)
    return model
