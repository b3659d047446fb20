"""``make bench``: print every ratio with its aim."""

from __future__ import annotations

import json
import sys

from ops.bench.codec import compare_codecs
from ops.bench.job import compare_jobs, job
from ops.bench.kafka import compare_kafka
from ops.bench.log import compare_logs
from ops.bench.servers import compare_servers
from ops.bench.tukin import compare_pay

if __name__ == "__main__":
    if sys.argv[1:2] == ["job"]:
        json.dump(job(int(sys.argv[2])), sys.stdout)
    else:
        compare_codecs()
        compare_logs()
        compare_kafka()
        compare_jobs()
        compare_servers()
        compare_pay()
