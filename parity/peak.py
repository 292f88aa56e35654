"""The peak memory of a process, said by itself."""

PEAK = """
import resource, sys
try:  # ru_maxrss counts what the parent held when it started this process; VmHWM does not
    status = open("/proc/self/status").read()
    peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
except OSError:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print("peak", peak)
"""
