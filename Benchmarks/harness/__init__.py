"""What every benchmark stands on: cores, processes, exact measurements, rounds and the report."""
