"""The code of a registered model ("models from code"): MLflow copies this file beside the JSON parameters and runs it
when the model is loaded. It needs the dangol package of the version that registered it, and no pickle."""

from pathlib import Path

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from dangol.grades.parameters import MixtureParameters
from dangol.grades.scoring import score_frame


class GradeModel(PythonModel):
    """Columns recency_days, frequency, monetary in; the columns of score_frame out, one row per row."""

    def load_context(self, context: PythonModelContext) -> None:
        self.parameters = MixtureParameters.from_json(Path(context.artifacts["parameters"]).read_text("utf-8"))

    def predict(self, context: PythonModelContext, model_input: pd.DataFrame, params: object = None) -> pd.DataFrame:
        return score_frame(
            self.parameters, model_input["recency_days"], model_input["frequency"], model_input["monetary"]
        )


set_model(GradeModel())
