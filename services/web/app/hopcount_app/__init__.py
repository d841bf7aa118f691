"""The web app: views, what they show, and how it gets here. Pyodide runs it, and any Python its tests."""
