"""Right answers to the assignment *training*."""

import copy

import numpy as np
import torch
from torch import nn

from lstm_check.exercises.training import by_hand


def one_by_one(sequences):
    T, D = max(len(s) for s in sequences), sequences[0].shape[1]
    x = torch.zeros(T, len(sequences), D, dtype=torch.tensor(sequences[0]).dtype)
    mask = torch.zeros(T, len(sequences), dtype=torch.bool)
    for k, s in enumerate(sequences):
        for t, row in enumerate(s):
            x[t, k] = torch.tensor(np.ascontiguousarray(row))
            mask[t, k] = True
    return {"mask": mask.numpy(), "x": x.numpy()}


def batch_first_and_turned(sequences):
    rows = [torch.from_numpy(s.copy()) for s in sequences]
    x = nn.utils.rnn.pad_sequence(rows, batch_first=True).transpose(0, 1)
    ones = nn.utils.rnn.pad_sequence([torch.ones(len(s)) for s in sequences])
    return {"x": x.numpy(), "mask": ones.numpy()}


def by_packing(sequences):
    packed = nn.utils.rnn.pack_sequence([torch.tensor(s) for s in sequences], enforce_sorted=False)
    x, lengths = nn.utils.rnn.pad_packed_sequence(packed)
    return {"x": np.asarray(x), "mask": np.less.outer(np.arange(len(x)), np.asarray(lengths))}


def with_numpy(sequences):
    T = max(map(len, sequences))
    widths = [((0, T - len(s)), (0, 0)) for s in sequences]
    x = np.stack([np.pad(s, w) for s, w in zip(sequences, widths, strict=True)], axis=1)
    mask = np.stack([np.arange(T) < len(s) for s in sequences], axis=1)
    return {"x": x, "mask": mask}


PAD = [one_by_one, batch_first_and_turned, by_packing, with_numpy]


def multiplied(answers, targets, mask):
    a = torch.tensor(answers, requires_grad=True)
    m = torch.tensor(mask).to(a.dtype)
    loss = ((a - torch.tensor(targets)) ** 2 * m).sum() / m.sum()
    loss.backward()
    return {"loss": loss.detach().numpy(), "gradient": a.grad.numpy()}


def by_mse_loss(answers, targets, mask):
    a = torch.from_numpy(answers.copy()).requires_grad_()
    y, m = torch.from_numpy(targets.copy()), torch.from_numpy(mask.copy())
    loss = nn.functional.mse_loss(a[m], y[m])
    (gradient,) = torch.autograd.grad(loss, a)
    return {"loss": float(loss), "gradient": np.array(gradient)}


def masked_select(answers, targets, mask):
    a = torch.tensor(answers).requires_grad_(True)
    error = torch.masked_select(a - torch.tensor(targets), torch.tensor(mask))
    loss = nn.MSELoss(reduction="sum")(error, torch.zeros_like(error)) / len(error)
    loss.backward()
    return {"gradient": a.grad.detach().numpy(), "loss": loss.item()}


def written_out(answers, targets, mask):
    error = np.where(mask, answers - targets, 0)
    return {"loss": (error**2).sum() / mask.sum(), "gradient": 2 * error / mask.sum()}


MASKED_LOSS = [multiplied, by_mse_loss, masked_select, written_out]


def by_module(weights, gradients, learning_rate, max_norm):
    module = nn.ParameterDict({k: nn.Parameter(torch.tensor(w)) for k, w in weights.items()})
    for name, p in module.items():
        p.grad = torch.tensor(gradients[name])
    nn.utils.clip_grad_norm_(module.parameters(), max_norm)
    torch.optim.SGD(module.parameters(), learning_rate).step()
    return {name: p.detach().numpy() for name, p in module.items()}


def without_an_optimizer(weights, gradients, learning_rate, max_norm):
    g = {name: torch.tensor(a) for name, a in gradients.items()}
    norm = torch.linalg.vector_norm(torch.cat([a.flatten() for a in g.values()]))
    scale = (max_norm / norm).clamp(max=1.0)
    return {
        name: (torch.tensor(w) - learning_rate * scale * g[name]).numpy()
        for name, w in weights.items()
    }


def with_numpy_alone(weights, gradients, learning_rate, max_norm):
    norm = np.linalg.norm([np.linalg.norm(g) for g in gradients.values()])
    rate = learning_rate * min(1, max_norm / norm)
    return {name: weights[name] - rate * gradients[name] for name in weights}


CLIPPED_STEP = [by_module, without_an_optimizer, with_numpy_alone]


def counted(losses, patience):
    best, at, waited = float("inf"), 0, 0
    for epoch, loss in enumerate(losses):
        if loss < best:
            best, at, waited = loss, epoch, 0
        else:
            waited += 1
    return {"best": at, "stop": waited >= patience}


def by_tensor(losses, patience):
    best = torch.tensor(losses).argmin().item()
    return {"stop": bool(len(losses) > best + patience), "best": best}


def by_the_list(losses, patience):
    best = list(losses).index(min(losses))
    return {"best": np.int64(best), "stop": np.bool_(len(losses[best:]) - 1 >= patience)}


EARLY_STOPPING = [counted, by_tensor, by_the_list]


def batches_and_a_schedule(sequences, targets, valid_sequences, valid_targets, hidden_size, seed):
    """Keep the module as the best one, packed batches, another optimizer, a falling rate."""
    torch.manual_seed(seed)
    lstm, readout = nn.LSTM(2, hidden_size), nn.Linear(hidden_size, 1)
    model = nn.ModuleDict({"lstm": lstm, "readout": readout})
    with torch.no_grad():
        lstm.bias_ih_l0[hidden_size : 2 * hidden_size] = 1
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.99)

    def loss_of(xs, ys):
        packed = nn.utils.rnn.pack_sequence([torch.tensor(x) for x in xs], enforce_sorted=False)
        h, lengths = nn.utils.rnn.pad_packed_sequence(model["lstm"](packed)[0])
        z = model["readout"](h)[..., 0]
        errors = [z[:n, k] - torch.tensor(ys[k]) for k, n in enumerate(lengths)]
        return torch.cat(errors).square().mean()

    best, kept, waited = float("inf"), None, 0
    for _ in range(150):
        order = torch.randperm(len(sequences)).tolist()
        for some in (order[:20], order[20:]):
            optimizer.zero_grad()
            loss_of([sequences[k] for k in some], [targets[k] for k in some]).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        schedule.step()
        with torch.no_grad():
            now = loss_of(valid_sequences, valid_targets).item()
        waited += 1
        if now < best:
            best, kept, waited = now, copy.deepcopy(model.state_dict()), 0
        if waited > 40:
            break
    return {name: w.numpy() for name, w in kept.items()}


FIT = [batches_and_a_schedule, by_hand]
HONEST = {
    "pad": PAD,
    "masked_loss": MASKED_LOSS,
    "clipped_step": CLIPPED_STEP,
    "early_stopping": EARLY_STOPPING,
    "fit": FIT,
}
