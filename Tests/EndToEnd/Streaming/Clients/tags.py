"""Says what is in an FLV file, in the words of play.py: tags.py FILE."""

import sys

import flv
from rtmp import say

for kind, time, body in flv.read(sys.argv[1]):
    told = flv.describe(kind, time, body)
    say(told.pop("event"), **told)
