"""The float training step of the same networks in PyTorch, for `npm run bench:gpu`.

Reads {"batch": N, "rounds": R, "steps": S, "networks": [graph, ...]} as JSON from standard input, a graph being the engine's own data
(core/graph.ts). Writes {"device": name, "matmul": [GFLOP/s, ...], "networks": {name: [milliseconds per step, ...]}}. Float32 without
TF32, as WebGPU computes; eager mode, NCHW, SGD with momentum. Without a GPU it measures the CPU.
"""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class Network(nn.Module):
    def __init__(self, graph):
        super().__init__()
        self.nodes = graph["nodes"]
        self.layers = nn.ModuleDict()
        shapes = dict(graph["shapes"])
        for node in self.nodes:
            source = shapes[node["inputs"][0]] if node["inputs"] else None
            layer = self.make(node, source)
            if layer is not None:
                # Module names hold no dots.
                self.layers[node["name"].replace(".", "/")] = layer

    @staticmethod
    def make(node, source):
        if node["op"] == "conv":
            padding = (node["padding"]["top"], node["padding"]["left"])
            return nn.Conv2d(
                source[2], node["filters"], node["kernel"], node["stride"], padding, groups=node["groups"], bias=node["bias"]
            )
        if node["op"] == "batchNorm":
            return nn.BatchNorm2d(source[-1], eps=node["epsilon"], momentum=node["momentum"])
        if node["op"] == "dense":
            return nn.Linear(source[0], node["units"], bias=node["bias"])
        return None

    def forward(self, x):
        values = {}
        for node in self.nodes:
            inputs = [values[name] for name in node["inputs"]]
            values[node["name"]] = self.run(node, inputs) if inputs else x
        return values[self.nodes[-1]["name"]]

    def run(self, node, inputs):
        op = node["op"]
        if op in ("conv", "batchNorm", "dense"):
            return self.layers[node["name"].replace(".", "/")](inputs[0])
        if op == "relu":
            return F.relu(inputs[0])
        if op == "globalAveragePool":
            return inputs[0].mean((2, 3))
        if op == "add":
            return inputs[0] + inputs[1]
        raise ValueError(f"no layer {op!r} here")


def settle(device):
    if device.type == "cuda":
        torch.cuda.synchronize()


def timed(device, count, call):
    """Mean milliseconds of `count` calls, the device's work included."""
    settle(device)
    start = time.perf_counter()
    for _ in range(count):
        call()
    settle(device)
    return 1000 * (time.perf_counter() - start) / count


def stepper(graph, batch, device):
    model = Network(graph).to(device).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
    height, width, channels = dict(graph["shapes"])["input"]
    x = torch.randn(batch, channels, height, width, device=device)
    labels = torch.randint(0, 10, (batch,), device=device)

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), labels).backward()
        optimizer.step()

    return step


def main():
    task = json.load(sys.stdin)
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    steps = {graph["name"]: stepper(graph, task["batch"], device) for graph in task["networks"]}
    size = 4096 if device.type == "cuda" else 1024
    square = torch.rand(size, size, device=device)
    for call in [*steps.values(), lambda: square @ square]:
        timed(device, 5, call)
    times = {name: [] for name in steps}
    matmul = []
    for _ in range(task["rounds"]):
        for name, step in steps.items():
            times[name].append(timed(device, task["steps"], step))
        matmul.append(2 * size**3 / timed(device, 3, lambda: square @ square) / 1e6)
    name = torch.cuda.get_device_name() if device.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    json.dump({"device": f"{name}, PyTorch {torch.__version__}", "matmul": matmul, "networks": times}, sys.stdout)


main()
