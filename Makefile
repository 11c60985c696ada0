# The same as ./run.sh, which also takes arguments: ./run.sh test -k name
.PHONY: demo test check setup soak
demo test check setup soak:
	@./run.sh $@
