"""<lstm-listen>: what the page computes is what Python computes, from a clip and a microphone."""

import functools
import http.server
import shutil
import threading
import wave

import browsing
import numpy as np
import pytest
import voice_data

from lstm_book import sounds, voice
from lstm_book.data import clips, silero

HEAR = """([weights, sound, hold]) => {
  const detector = new Voice.Detector(weights);
  if (hold) detector.hold(...hold);
  const found = [];
  for (let at = 0; at < sound.length; at += 512) {
    const { p, f, i, o, c } = detector.hear(sound.slice(at, at + 512));
    found.push([p, f, i, o, c[7]]);
  }
  return found;
}"""


def by_python(weights, sound, params=None):
    x = voice.features(voice.cut(sound), weights)[:, None]
    heard = voice.listen(x, params or voice.lstm_of(weights), weights)
    gates = (getattr(heard, gate).mean(axis=2)[:, 0] for gate in ("f", "i", "o"))
    return np.stack([heard.p[:, 0], *gates, heard.c[:, 0, 7]], axis=1)


def by_page(page, weights, sound, hold=None):
    sound = np.pad(sound, (0, -len(sound) % voice.CHUNK)).tolist()
    return np.array(page.evaluate(HEAR, [weights, sound, hold]))


@pytest.fixture(scope="module")
def sound():
    clean = clips()["test 2: de"]
    unwanted = sounds.noise("pink", len(clean), np.random.default_rng(1))
    return sounds.mix(clean, unwanted, 10)


@pytest.mark.figure
def test_it_computes_what_python_computes(open_demo, sound, tell):
    """With the weights as they are, and with those that the page gets, of 8 bits."""
    page, differences = open_demo(), {}
    exact = by_python(silero(), sound)
    for bits in 32, 8:
        packed = voice_data.weights(bits)
        there = by_page(page, packed, sound)
        unpacked = {name: voice_data.unpacked(kept) for name, kept in packed.items()}
        assert there == pytest.approx(by_python(unpacked, sound), abs=1e-6)
        differences[bits] = abs(there - exact)[:, 0].max()
    said = ", ".join(f"{value:.1e} with {bits} bits" for bits, value in differences.items())
    tell(f"<lstm-listen> and Python, p of {len(exact)} chunks, largest difference: {said}")
    assert differences[32] < 1e-5
    assert differences[8] < 0.05


def test_a_gate_can_be_held(open_demo, sound):
    page, weights = open_demo(), silero()
    for gate, open_ in ("f", 1), ("f", 0), ("i", 0), ("o", 1):
        params = voice.lstm_of(weights)
        getattr(params, f"W_{gate}")[...] = 0
        getattr(params, f"b_{gate}")[...] = 40 if open_ else -40
        there = by_page(page, voice_data.weights(32), sound[:20_000], [gate, open_])
        assert there == pytest.approx(by_python(weights, sound[:20_000], params), abs=1e-9)


def test_another_rate_keeps_what_was_said(open_demo):
    """A tone of 440 Hz at 48,000 and at 44,100 samples a second is one at 16,000."""
    page = open_demo()
    for rate in 48_000, 44_100, 16_000, 8_000:
        tone = np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
        take = "([rate, tone]) => new Voice.Resampler(rate).take(tone)"
        taken = page.evaluate(take, [rate, tone.tolist()])
        assert abs(len(taken) - 16_000) <= 1
        there = np.fft.rfft(taken, 16_000)
        assert abs(there).argmax() == 440
        assert abs(there[440]) == pytest.approx(8000, rel=0.03)


def test_the_still_picture_is_what_the_clip_gives(open_demo):
    page = open_demo(reduced_motion="reduce")
    before = np.array(page.evaluate("listen.heard.map(({ p }) => p)"))
    assert "Speech, the detector says: " in page.locator("#listen .said").text_content()
    page.locator("#listen [name=play]").click()
    page.wait_for_function("listen.detector && !listen.running")
    after = np.array(page.evaluate("listen.heard.map(({ p }) => p)"))
    assert after == pytest.approx(before, abs=1e-3)
    assert (before > 0.5).any()
    assert not (before > 0.5).all()


def test_a_clip_runs_and_stops_by_the_keyboard(open_demo):
    page = open_demo()
    page.locator("#listen [name=clip]").select_option("1")
    page.locator("#listen [name=play]").press("Enter")
    page.wait_for_function("listen.running === 'clip' && listen.heard.length > 10")
    assert "memory" in page.locator("#listen .said").text_content()
    page.locator("#listen [name=play]").press("Enter")
    assert page.evaluate("listen.running ?? ''") == ""
    assert page.locator("#listen .said").text_content().startswith("Somebody types, ")


def test_opened_as_a_file_it_says_where_the_microphone_works(open_demo):
    page = open_demo()
    page.locator("#listen [name=microphone]").click()
    assert "run make serve" in page.locator("#listen .said").text_content()
    assert "nothing is kept" in " ".join(page.locator("#listen").inner_text().lower().split())


def test_what_a_click_loads_is_small(demo):
    path = demo.removeprefix("file://").replace("demo.html", "voice-data.js")
    with open(path, "rb") as file:
        assert len(file.read()) <= 700_000


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A server that says nothing."""

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture(scope="module")
def served(demo, static, tmp_path_factory):
    """Serve the page, with its scripts beside it: a microphone wants http on localhost."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(static, folder / "_static")
    source = demo.removeprefix("file://")
    with open(source, encoding="utf8") as file:
        page = file.read().replace(static.as_uri(), "_static")
    (folder / "demo.html").write_text(page, "utf8")
    shutil.copy(source.replace("demo.html", "voice-data.js"), folder)
    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/demo.html"
        server.shutdown()


@pytest.fixture(scope="module")
def wired(browser, tmp_path_factory):
    """Start a browser whose microphone hears a clip: two sentences, again and again."""
    path = tmp_path_factory.mktemp("microphone") / "clip.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, voice.RATE, 0, "NONE", ""))
        file.writeframes((32767 * clips()["test 2: de"]).astype("<i2").tobytes())
    flags = [*browsing.FLAGS, "--use-fake-device-for-media-stream"]
    flags += ["--use-fake-ui-for-media-stream"]  # the shell has none that could ask
    flags += [f"--use-file-for-fake-audio-capture={path}"]
    wired = browser.browser_type.launch(executable_path=browsing.path(), args=flags)
    yield wired
    wired.close()


def test_it_hears_a_microphone(wired, served):
    """The clip says two sentences: it is found in the share of chunks that it has, or nearly."""
    context = wired.new_context(permissions=["microphone"])
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append((request.method, request.url)))
    page.goto(served)
    page.locator("#listen [name=microphone]").click()
    page.wait_for_function("listen.count >= 200", timeout=60_000)
    heard = np.array(page.evaluate("listen.heard.map(({ p, loud }) => [p, loud])"))
    page.locator("#listen [name=microphone]").click()
    assert "The microphone, 5." in page.locator("#listen .said").text_content()
    assert page.evaluate("listen.stream === undefined")
    share = sounds.speaking(clips()["test 2: de"]).mean()
    assert (heard[:, 0] > 0.5).mean() == pytest.approx(share, abs=0.2)
    assert heard[heard[:, 0] > 0.5, 1].mean() > 5 * heard[heard[:, 0] < 0.5, 1].mean()
    # Nothing left the page: all that was asked for are its own files.
    own = (served.removesuffix("demo.html"), "data:")
    assert all(method == "GET" and url.startswith(own) for method, url in asked)
    context.close()


def test_no_is_an_answer(wired, served):
    context = wired.new_context(permissions=[])
    page = context.new_page()
    page.goto(served)
    page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = () =>"
        " Promise.reject(new DOMException('', 'NotAllowedError')) }"
    )
    page.locator("#listen [name=microphone]").click()
    page.wait_for_function("listen.querySelector('.said').textContent.includes('said no')")
    assert page.locator("#listen [name=microphone]").text_content() == "Use the microphone"
    context.close()
