"""The formulas of the book as text; ``<z|+ b_f>`` is what the line ``z`` computes."""

_LSTM = """
<hx|hx = [h_{t-1}, x_t]>
<f|f_t = σ(W_f hx + b_f)>
<i|i_t = σ(W_i hx + b_i)>
<c_tilde|c̃_t = tanh(W_c hx + b_c)>
<o|o_t = σ(W_o hx + b_o)>
<c_t|c_t = f_t ⊙ c_{t-1} + i_t ⊙ c̃_t>
<h_t,return|h_t = o_t ⊙ tanh(c_t)>
"""

FORMULAS = {
    "sigmoid": "σ(z) = <s|1 / (1 +> <e|e^{-z}><s|)> = e^z / (1 + e^z)",
    "rnn_step": "h_t = <h_t,return|tanh>(<a|W> <hx|[h_{t-1}, x_t]> <z|+ b>)",
    "numerical_gradient": """
L(W) = sum of dh ⊙ tanh(W [h_{t-1}, x_t] + b)
each number of the result = (L(W + ε) - L(W - ε)) / 2 ε,  with ε added to that number of W alone
""",
    "clip_by_global_norm": """
<clipped|g ←> <scale|min(1,> <factor|max_norm / ‖g‖><scale|)> <clipped|· g>
‖g‖ = <norm|√> <squares|Σ g_k^2> <norm|,> over all numbers of all arrays
""",
    "candidate": "c̃_t = <c_tilde,return|tanh>(<a|W_c [h_{t-1}, x_t]> <z|+ b_c>)",
    "cell_state": "c_t = <kept|f_t ⊙ c_{t-1}> <c_t,return|+> <written|i_t ⊙ c̃_t>",
    "hidden_state": "h_t = <h_t,return|o_t ⊙> <shown|tanh(c_t)>",
    "stack": "hx = <hx,return|[h_{t-1}, x_t]>",
    "lstm_cell": _LSTM,
    "lstm_forward": """
<start|h_0 and c_0 are given>
for t = 1, …, T:  <step,for|h_t, c_t = LSTM(x_t, h_{t-1}, c_{t-1})>
<keep_h,keep_c,return|h = (h_1, …, h_T),  c = (c_1, …, c_T)>
""",
    "cell_backward": """
<dc_t,shown,tanh_c|δc_t = δc + δh_t ⊙ o_t ⊙ (1 - tanh(c_t)^2)>
<dz_f|δz_f = δc_t ⊙ c_{t-1} ⊙ f_t ⊙ (1 - f_t)>
<dz_i|δz_i = δc_t ⊙ c̃_t ⊙ i_t ⊙ (1 - i_t)>
<dz_c|δz_c = δc_t ⊙ i_t ⊙ (1 - c̃_t^2)>
<dz_o|δz_o = δh_t ⊙ tanh(c_t) ⊙ o_t ⊙ (1 - o_t)>
<dhx,dh_prev,dx_t|δ[h_{t-1}, x_t] = W_f^⊤ δz_f + W_i^⊤ δz_i + W_c^⊤ δz_c + W_o^⊤ δz_o>
<dc_prev|δc_{t-1} = δc_t ⊙ f_t>
over the batch:  <hx,dW_f,dW_i,dW_c,dW_o|δW_k = Σ δz_k [h_{t-1}, x_t]^⊤>
                 <db_f,db_i,db_c,db_o|δb_k = Σ δz_k>
""",
    "lstm_backward": """
<start|δh and δc of the end are given>
for t = T, …, 1:  <dh_now|δh_t = dh[t] + what step t + 1 sends back>
  <step,for|all gradients of step t, from δh_t and δc>
  <back|δh and δc go on to step t - 1>
<keep|δx = (δx_1, …, δx_T)>,  <total,add|δW = Σ δW of step t>
<return|δh_0 and δc_0 are what is left>
""",
    "gradient_vs_lag": """
<start|δh_T is given, δc_T = 0>
for t = T, …, 1:  <step,for|δh_{t-1}, δc_{t-1} from δh_t, δc_t>
result[k] = <norm,keep,norms|‖δh_{T-k}‖> <all,return|/ ‖δh_T‖,  k = 0, …, T>
""",
    "init_forget_bias": "<f|f^{half_life} = 1/2>,  <b|σ(b) = f>,  <b_f|each number of b_f is b>",
    "make_batch": """
<x,numbers|x[t, n, 0] = number of step t>
<mark_first,mark_second|x[t, n, 1] = 1 at the two marked steps, else 0>
<y,column,return|y[n, 0] = the sum of the two marked numbers>
""",
    "train": "loss = mean of (V h_T + d - y)^2;  δh_T = V^⊤ δy, and 0 at all other steps",
    "to_state_dict": """
<W,order|rows: i, f, c̃, o>
<hh|weight_hh = the first H columns>,  <ih|weight_ih = the other D columns>
<b,b_ih|bias_ih = b_i, b_f, b_c, b_o>,  <b_hh|bias_hh = 0>
""",
    "from_state_dict": """
<W,hh,ih|W = [weight_hh, weight_ih]>,  <b|b = bias_ih + bias_hh>
<order,weights,biases|blocks of H rows: i, f, c̃, o>
""",
    "listen": """
<start|h_0 and c_0 are given>
for t = 1, …, T:  <step,for|h_t, c_t = LSTM(x_t, h_{t-1}, c_{t-1})>
<keep|p_t => <y|σ(><z|w ·> <r|max(0, h_t)> <z|+ d><y|)>
<return|p = (p_1, …, p_T),  h_T,  c_T>
""",
    "tells": """
<higher,speech,silence|for each pair of a chunk with speech and one without: is c higher?>
<share,return|the share of pairs in which it is>
""",
    "pad": """
<put|x[t, k] = step t of sequence k>,  <x|0 behind its end>
<mask|mask[t, k] = (t < n_k)>,  <lengths|n_k: the length of sequence k>
""",
    "masked_loss": """
<loss|loss = 1 / N> <kept|Σ over real steps of> <squares,error|(answer - target)^2>
<n|N = number of real steps>
<gradient,slope|∂loss / ∂answer = 2 (answer - target) / N at real steps, else 0>
""",
    "clipped_step": """
<moved|w ← w ->  <step|η> <scale|min(1,> <factor|max_norm / ‖g‖><scale|)> <step|g>
‖g‖ = <norm|√> <squares|Σ g_k^2> <norm|,> over all numbers of all arrays
""",
    "early_stopping": """
<best|best = the first epoch with the lowest loss>
<waited|waited = last epoch - best>,  <stop|stop = (waited ≥ patience)>
""",
    "fit": "loss = mean of (V h_t + d - y_t)^2 over real steps t;  return the weights of the best",
} | {
    f"{name}_gate": f"{name[0]}_t = <{name[0]},return|σ>(<a|W_{name[0]} [h_{{t-1}}, x_t]> "
    f"<z|+ b_{name[0]}>)"
    for name in ("forget", "input", "output")
}
FORMULAS["unpack_weights"] = FORMULAS["from_state_dict"]
