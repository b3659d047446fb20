"""``make bench``: print every ratio with its aim.

``python -m ops.bench chain|pay [SIZE…]`` prints the chain's or pay's alone; ``--large`` adds 100,000 packages and
100,000 employees to the whole.
"""

from __future__ import annotations

import json
import sys

from ops.bench.chain import SIZES, chain_job, compare_chains
from ops.bench.codec import compare_codecs
from ops.bench.job import compare_jobs, job
from ops.bench.kafka import compare_kafka
from ops.bench.log import compare_logs
from ops.bench.servers import compare_servers
from ops.bench.tukin import PROVINCE, compare_pay, pay_job

_LARGE = 100_000

if __name__ == "__main__":
    match sys.argv[1:]:
        case ["job", times]:
            json.dump(job(int(times)), sys.stdout)
        case ["chain-job", packages]:
            json.dump(chain_job(int(packages)), sys.stdout)
        case ["chain", *sizes]:
            compare_chains([int(size) for size in sizes] or SIZES)
        case ["pay-job", employees]:
            json.dump(pay_job(int(employees)), sys.stdout)
        case ["pay", *sizes]:
            compare_pay([int(size) for size in sizes] or (1_000, PROVINCE))
        case told:
            compare_codecs()
            compare_logs()
            compare_kafka()
            compare_jobs()
            compare_chains((*SIZES, _LARGE) if "--large" in told else SIZES)
            compare_servers()
            compare_pay((1_000, 10_000, _LARGE) if "--large" in told else (1_000, PROVINCE))
