"""Clips of speech from espeak-ng, in several languages and voices: 50 to test, 20 to tune on.

Run as a script, it writes the few that the repository holds. espeak-ng is a Debian package.
"""

import io
import subprocess
import sys
import wave

import numpy as np

from lstm_book.data import FOLDER
from lstm_book.voice import RATE

# Of each language the sentences to tune on, and those of the test.
SENTENCES = {
    "en-gb": (
        ["The train leaves at half past nine.", "Please close the window."],
        ["It will rain this afternoon.", "Where did you put the keys?", "She reads every evening."],
    ),
    "en-us": (
        ["My brother lives in the city.", "That is a good question."],
        ["The coffee is still warm.", "Turn left at the bridge.", "Nobody answered the phone."],
    ),
    "de": (
        ["Das Fenster steht offen.", "Wir fahren morgen ans Meer."],
        ["Der Zug kommt heute später.", "Wo ist mein Schlüssel?", "Sie liest jeden Abend."],
    ),
    "fr": (
        ["Le train part à neuf heures.", "La fenêtre est ouverte."],
        ["Il va pleuvoir ce soir.", "Où sont mes clés ?", "Elle lit tous les soirs."],
    ),
    "es": (
        ["El tren sale a las nueve.", "La ventana está abierta."],
        ["Esta tarde va a llover.", "¿Dónde están mis llaves?", "El café está caliente."],
    ),
    "it": (
        ["Il treno parte alle nove.", "La finestra è aperta."],
        ["Stasera pioverà.", "Dove sono le mie chiavi?", "Il caffè è ancora caldo."],
    ),
    "pl": (
        ["Pociąg odjeżdża o dziewiątej.", "Okno jest otwarte."],
        ["Dziś po południu będzie padać.", "Gdzie są moje klucze?", "Kawa jest jeszcze ciepła."],
    ),
    "sv": (
        ["Tåget går klockan nio.", "Fönstret är öppet."],
        ["Det kommer att regna i kväll.", "Var är mina nycklar?", "Kaffet är fortfarande varmt."],
    ),
}
VARIANTS = ["m1", "m3", "f2", "f4"], ["m2", "m4", "m5", "m6", "m7", "f1", "f3", "f5"]
COUNTS = {"tune": 20, "test": 50}
KEPT = {"tune": [0, 2], "test": [0, 2, 3]}  # in the repository


def say(text, language, variant, speed, pitch):
    """Let espeak-ng say something; return the samples at `RATE`, the loudest 1."""
    voice = ["-v", f"{language}+{variant}", "-s", str(speed), "-p", str(pitch)]
    try:
        done = subprocess.run(
            ["espeak-ng", *voice, "--stdout", text], capture_output=True, check=True
        )
    except FileNotFoundError:
        sys.exit("no espeak-ng: on Debian or Ubuntu, apt-get install espeak-ng")
    with wave.open(io.BytesIO(done.stdout)) as file:
        there = file.getframerate()
        # What espeak-ng says of the length of a stream is not its length.
        samples = np.frombuffer(file.readframes(len(done.stdout)), "<i2").astype(float)
    n = round(len(samples) * RATE / there)
    # Fourier's way to another rate: leave out what the lower one cannot carry.
    sound = np.fft.irfft(np.fft.rfft(samples)[: n // 2 + 1], n)
    return sound / abs(sound).max()


def clip(part, k):
    """Make clip k of a part: two sentences, with silence around them; 16 bits a sample."""
    of_test = part == "test"
    rng = np.random.default_rng([of_test, k])
    language = list(SENTENCES)[k % len(SENTENCES)]
    variant = rng.choice(VARIANTS[of_test])
    texts = rng.permutation(SENTENCES[language][of_test])[:2]
    speed, pitch = int(rng.integers(140, 200)), int(rng.integers(30, 70))
    loud = rng.uniform(0.15, 0.6)
    pieces = [np.zeros(int(rng.uniform(0.4, 1.0) * RATE))]
    for text in texts:
        said = say(str(text), language, variant, speed, pitch)
        pieces += [loud * said, np.zeros(int(rng.uniform(0.5, 1.2) * RATE))]
    samples = np.round(32767 * np.concatenate(pieces)).astype(np.int16)
    return f"{part} {k}: {language}", samples


def clips(part):
    """Make all clips of a part; return them by name, as numbers from -1 to 1."""
    made = (clip(part, k) for k in range(COUNTS[part]))
    return {name: samples / 32768 for name, samples in made}


if __name__ == "__main__":
    kept = dict(clip(part, k) for part, which in KEPT.items() for k in which)
    np.savez_compressed(FOLDER / "voice_clips.npz", **kept)
    for name, samples in kept.items():
        print(f"{name}: {len(samples) / RATE:.1f} s")
