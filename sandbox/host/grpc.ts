import * as grpc from "@grpc/grpc-js";

/** The engine may send a whole stack in one message, and so do the vendor's own programs. */
export const UNLIMITED = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

/** A server of one service, of which the SDK has the definition. */
export function serverOf(service: object, handlers: object): grpc.Server {
  const server = new grpc.Server(UNLIMITED);
  server.addService(service as grpc.ServiceDefinition, handlers as grpc.UntypedServiceImplementation);
  return server;
}

/** Listens on loopback; returns the port. */
export function listen(server: grpc.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync("127.0.0.1:0", credentials, (error, port) => (error ? reject(error) : resolve(port)));
  });
}

/** A handler of calls with one answer; `tell` writes an error as the caller is to see it. */
export function unary<Req, Res>(
  answer: (request: Req, call: grpc.ServerUnaryCall<Req, Res>) => Promise<Res>,
  tell: (error: unknown) => Partial<grpc.StatusObject> = (error) => error as grpc.ServiceError,
): grpc.handleUnaryCall<Req, Res> {
  return (call, callback) => {
    answer(call.request, call).then(
      (response) => callback(null, response),
      (error: unknown) => callback(tell(error)),
    );
  };
}
