// Every test uses the whole machine: processes, files, time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
