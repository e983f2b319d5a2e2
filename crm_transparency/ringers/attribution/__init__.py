"""Attribution: which exports are consistent with the sightings of a case, and who made them.

`comparing` is the door: it gathers what is known and returns a result that can be kept. `scoring` is the model, plain
functions over plain data; `people` knows former employees, `senders` tells who a sender resembles, `holders` which
exports held a ringer, `words` says it all in sentences.
"""
