"""Runs the tests of the player's modules, which are modules themselves, in the browser."""

import os
import unittest

from stream_server import MODULES
from support import shared


class ModuleTests(unittest.TestCase):
    def test_all(self):
        page = shared.browser.open(shared.server.url + "test/index.html")
        names = sorted(name for name in os.listdir(MODULES) if name.endswith(".test.js"))
        self.assertGreater(len(names), 5)
        for name in names:
            with self.subTest(name):
                result = page.evaluate(f"import('/test/{name}').then(({{ tests }}) => tests.run())")
                self.assertGreater(result["count"], 1)
                self.assertEqual(result["failures"], [], "\n".join(result["failures"]))
        self.assertEqual(page.faults, [])


if __name__ == "__main__":
    unittest.main()
