"""Networks as people read them: score cards, decision lists and pictures, as text, Markdown, HTML, SVG or JSON.

Here belongs what says a trained network in words or lines; nothing is computed but how to say it.
"""
