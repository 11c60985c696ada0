# The same as ./run.sh, which also takes arguments: ./run.sh test -k name
.PHONY: demo test check setup
demo test check setup:
	@./run.sh $@
